{# The loader: settings, style and script in a function of their own. In ASCII, because servers and pages may name another encoding. -#}
/* chatkit-embed: {{ widget.name }} */
(function (SETTINGS, LAUNCHER_CSS) {
"use strict";
{{ source }}
})({{ settings | json(ascii=true) }}, {{ css | json(ascii=true) }});
