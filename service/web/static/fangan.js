"use strict";
// Every page: the token of its forms goes along with whatever htmx sends, and errors are said where all can hear them.
(() => {
  const token = document.querySelector('meta[name="csrf"]').content;
  document.addEventListener("htmx:config:request", (event) => {
    event.detail.ctx.request.headers["X-CSRF-Token"] = token;
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
