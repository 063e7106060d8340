"use strict";
// Every page: the token of its forms goes along with whatever htmx sends, errors are said where all can hear them, and a
// link into what is folded opens it.
(() => {
  const token = document.querySelector('meta[name="csrf"]').content;
  document.addEventListener("htmx:config:request", (event) => {
    event.detail.ctx.request.headers["X-CSRF-Token"] = token;
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    const folded = link && document.getElementById(link.hash.slice(1))?.closest("details");
    if (folded) folded.open = true;
  });
  const said = document.getElementById("said");
  let timer = 0;
  const say = (text, bad = false) => {
    said.textContent = text;
    said.classList.toggle("bad", bad);
    clearTimeout(timer);
    timer = setTimeout(() => { said.textContent = ""; }, bad ? 12000 : 5000);
  };
  window.fangan = { say, token };
})();
