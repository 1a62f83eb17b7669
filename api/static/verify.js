"use strict";
const byId = (id) => document.getElementById(id);
const pictures = { ok: "check-circle", warn: "warn", danger: "error", unsure: "info" };

function show({ label, tone, advice }, summary, facts) {
  byId("verdict").className = `verdict ${tone}`;
  byId("picture").className = `zi zi-${pictures[tone]}`;
  byId("word").textContent = label;
  byId("summary").textContent = summary;
  byId("advice").textContent = advice;
  byId("facts").hidden = facts.length === 0;
  byId("facts").replaceChildren(...facts.flatMap((fact) => {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = fact.label;
    text.textContent = fact.text;
    return [term, text];
  }));
  byId("result").hidden = false;
  byId("result").scrollIntoView({ block: "start" });
}

const notYet = (summary, advice = "您填的内容都还在，请再点一次。") => show({ label: "还没有查成", tone: "unsure", advice }, summary, []);

async function ask(url, options, button) {
  if (button) button.disabled = true;
  try {
    const response = await fetch(url, { method: "POST", ...options });
    const answer = await response.json();
    if (!response.ok) return notYet(answer.error.message);
    show(answer.data.plain, answer.data.summary, answer.data.facts);
  } catch {
    notYet("没有连上网络，请稍后再试一次。");
  } finally {
    if (button) button.disabled = false;
  }
}

const checkCode = (code, button) => ask("/api/open/verify/code", { headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code }) }, button);

const nameFile = () => { byId("file-name").textContent = byId("file").files[0]?.name ?? "还没有选择"; };
byId("file").addEventListener("change", nameFile);
window.addEventListener("pageshow", nameFile);
byId("file-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!byId("file").files.length) return notYet("还没有选择文件。", "请点“选择文件”，选证照的 PDF 或二维码照片。");
  ask("/api/open/verify/file", { body: new FormData(event.target) }, event.submitter);
});
byId("code-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!byId("code").value.trim()) return notYet("还没有填二维码里的文字。", "请把扫码得到的文字粘贴进来。");
  checkCode(byId("code").value.trim(), event.submitter);
});
// The code on a licence leads here with its text after the #, which no server ever sees in an address.
const fromAddress = () => { if (location.hash.length > 1) checkCode(location.href); };
window.addEventListener("hashchange", fromAddress);
fromAddress();
