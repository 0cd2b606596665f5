{# The loader: settings, style and script in a function of their own. -#}
/* chatkit-embed: {{ widget.name }} */
(function (SETTINGS, LAUNCHER_CSS) {
"use strict";
{{ source }}
})({{ settings | json }}, {{ css | json }});
