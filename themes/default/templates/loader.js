/* The chat `{{ widget.name }}` by chatkit-embed. As a page of its own: {{ widget.page_url }} */
(function () {
"use strict";
{{ source }}
start({{ settings | json }}, {{ css | json }});
})();
