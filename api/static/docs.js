"use strict";
const byId = (id) => document.getElementById(id);

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  if (className) element.className = className;
  return element;
}

function block(title, value) {
  const part = document.createDocumentFragment();
  part.append(make("h3", title), make("pre", JSON.stringify(value, null, 2)));
  return part;
}

function expand(schema, spec, depth = 0) {
  if (!schema || typeof schema !== "object" || depth > 6) return schema;
  if (Array.isArray(schema)) return schema.map((item) => expand(item, spec, depth));
  if (schema.$ref) return expand(spec.components.schemas[schema.$ref.split("/").pop()], spec, depth + 1);
  return Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, expand(value, spec, depth)]));
}

function operation(path, method, detail, spec) {
  const box = make("details", "", "card");
  const head = make("summary");
  head.append(make("strong", method.toUpperCase() + " "), make("code", path), make("div", detail.summary), make("small", detail.description));
  box.append(head);
  box.addEventListener("toggle", () => {
    if (!box.open || box.dataset.filled) return;
    box.dataset.filled = "1";
    if (detail.parameters) box.append(block("参数", detail.parameters));
    if (detail.requestBody) box.append(block("请求内容", expand(detail.requestBody.content, spec)));
    const table = make("table");
    for (const [status, answer] of Object.entries(detail.responses)) {
      const row = make("tr");
      row.append(make("th", status), make("td", answer.description));
      table.append(row);
    }
    box.append(make("h3", "回答"), table);
    const good = Object.entries(detail.responses).find(([status, answer]) => status < "300" && answer.content);
    if (good) box.append(block("成功时的内容", expand(good[1].content["application/json"].schema, spec)));
  });
  box.dataset.text = [path, method, detail.summary, detail.description, ...detail.tags].join(" ").toLowerCase();
  return box;
}

async function start() {
  const spec = await (await fetch("/openapi.json")).json();
  const boxes = Object.entries(spec.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, detail]) => operation(path, method, detail, spec)));
  byId("list").append(...boxes);
  const filter = () => {
    const words = byId("find").value.toLowerCase().split(/\s+/);
    for (const box of boxes) box.hidden = !words.every((word) => box.dataset.text.includes(word));
    byId("count").textContent = `共 ${boxes.filter((box) => !box.hidden).length} 个接口`;
  };
  byId("find").addEventListener("input", filter);
  filter();
}
start().catch(() => { byId("count").textContent = "没有取到接口文档，请刷新重试。"; });
