"use strict";
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger", docExpansion: "none", tryItOutEnabled: true, defaultModelsExpandDepth: 0 });
