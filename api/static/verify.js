"use strict";
const tone = { TOTAL_PASSED: "good", TOTAL_FAILED: "bad", INDETERMINATE: "unsure" };
const labels = { licence_id: "证照编号", licence_type: "证照名称", holder_name: "持有人", holder_uscc: "统一社会信用代码", legal_person: "法定代表人", address: "地址", scope: "经营范围", issued_on: "签发日期", valid_until: "有效期至" };
const byId = (id) => document.getElementById(id);

function show(verdict, sentence, facts, reasons) {
  byId("result").hidden = false;
  byId("verdict").textContent = sentence;
  byId("verdict").className = "verdict " + (tone[verdict] || "unsure");
  const list = byId("facts");
  list.replaceChildren();
  for (const [label, value] of facts) {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = label;
    text.textContent = value;
    list.append(term, text);
  }
  byId("reasons").replaceChildren(...reasons.map((reason) => {
    const item = document.createElement("li");
    item.textContent = reason;
    return item;
  }));
  byId("result").scrollIntoView({ block: "start" });
}

async function ask(url, options, button) {
  if (button) button.disabled = true;
  try {
    const response = await fetch(url, { method: "POST", ...options });
    const answer = await response.json();
    if (!response.ok) return show("INDETERMINATE", answer.error.message, [], Object.values(answer.error.fields || {}));
    const { summary, report } = answer.data;
    const facts = report.issuer ? [["发证机关", report.issuer.name]] : [];
    for (const [name, label] of Object.entries(labels)) if (report.licence && report.licence[name]) facts.push([label, report.licence[name]]);
    show(report.verdict, summary, facts, report.reasons);
  } catch {
    show("INDETERMINATE", "没有连上网络，请稍后再试一次。", [], []);
  } finally {
    if (button) button.disabled = false;
  }
}

const checkCode = (code, button) => ask("/api/open/verify/code", { headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code }) }, button);

byId("file-form").addEventListener("submit", (event) => {
  event.preventDefault();
  ask("/api/open/verify/file", { body: new FormData(event.target) }, event.submitter);
});
byId("code-form").addEventListener("submit", (event) => {
  event.preventDefault();
  checkCode(byId("code").value.trim(), event.submitter);
});
const fromAddress = () => { if (location.hash.length > 1) checkCode(location.href); };
window.addEventListener("hashchange", fromAddress);
fromAddress();
