/* chatkit-embed: {{ widget.name }} */
(function (SETTINGS, LAUNCHER_CSS) {
"use strict";
{{ source }}
})({{ settings | json }}, {{ css | json }});
