// The page of a visit. The terminal and the protocol are textual-serve's (textual.js); this adds what that does
// not do: state strings in the address, downloads below the page's own path, copy and paste, and why a visit ended.
"use strict";
(() => {
  const STATE = "#pq1-";
  const LONGEST_STATE = 4 << 20;
  const LONGEST_ADDRESS = 1 << 20; // browsers refuse an address of 2 MiB
  const ASK_AGAIN = 10000; // milliseconds

  const ENDS = {
    4000: ["The visit has ended.", "You have left pageq."],
    4001: ["The visit has ended: nothing was typed for a long time.",
      "The server has ended it, so that others can have its place."],
    4002: ["The visit has ended: its program has stopped.",
      "This is a fault in pageq or a limit of the server; no other visit is affected."],
    4003: ["The server was stopped.", "Ask the person who runs it for the new address."],
    4004: ["The visit has ended: the server got a message that it does not know.",
      "The page and the server may be of different versions."],
    4005: ["The visit has ended: its program did not answer.", "No other visit is affected."],
    4006: ["The server cannot start a visit.", "It may have too little memory. Try again in a moment."],
    403: ["This address is no longer right.",
      "The server was started again with another address; ask for the one that it printed."],
    503: ["The server is full.",
      "No more visits are possible now. This page asks again every 10 seconds, and starts when there is a place."],
    200: ["The connection was lost.", "The network was interrupted."],
    0: ["The server does not answer.", "It was stopped, or the network is down. Try again in a moment."],
  };
  const FROM_A_STATE = " A new visit opens the moment in the address of this page.";

  const find = (id) => document.getElementById(id);
  let socket = null;
  let noteTimer = 0;

  function note(text) {
    find("note").textContent = text;
    clearTimeout(noteTimer);
    noteTimer = setTimeout(() => { find("note").textContent = ""; }, 6000);
  }

  function focusTerminal() {
    document.querySelector(".xterm-helper-textarea")?.focus();
  }

  // --- why a visit ended -----------------------------------------------------------------------------------

  function showEnd(code) {
    const [why, further] = ENDS[code] ?? ENDS[200];
    document.title = "pageq (ended)";
    find("start").hidden = true;
    find("why").textContent = why;
    find("further").textContent = further + (location.hash.startsWith(STATE) ? FROM_A_STATE : "");
    find("end").hidden = false;
    find("again").focus();
    if (code === 503) setTimeout(askForPlace, ASK_AGAIN);
  }

  // The status of a refused websocket is kept from a page; that of the page itself is not.
  async function status() {
    try {
      return (await fetch(location.pathname, { method: "HEAD", cache: "no-store" })).status;
    } catch {
      return 0;
    }
  }

  async function askForPlace() {
    const found = await status();
    if (found === 503) setTimeout(askForPlace, ASK_AGAIN);
    else if (found === 200) location.reload();
    else showEnd(found);
  }

  async function closed(event) {
    showEnd(event.code >= 4000 ? event.code : await status());
  }

  // --- state strings and downloads -------------------------------------------------------------------------

  function openState() {
    if (!location.hash.startsWith(STATE)) return;
    const state = location.hash.slice(1);
    if (state.length > LONGEST_STATE) note("The state string in the address is too long.");
    else socket?.send(JSON.stringify(["open", state]));
  }

  async function showState(state) {
    const short = state.length <= LONGEST_ADDRESS;
    if (short) history.replaceState(null, "", "#" + state); // does not open it again
    try {
      await navigator.clipboard.writeText(state);
      note(short ? "The state string is copied, and in the address of this page." : "The state string is copied.");
    } catch {
      note(short ? "The state string is in the address of this page." : "The browser does not allow pageq to copy the state string.");
    }
  }

  function download(key) {
    const link = document.createElement("a");
    link.href = "download/" + encodeURIComponent(key);
    link.download = "";
    link.click();
  }

  function received(event) {
    if (typeof event.data !== "string") return;
    event.stopImmediatePropagation(); // textual.js would look for downloads at another path
    const [kind, value] = JSON.parse(event.data);
    if (kind === "state") showState(value);
    else if (kind === "deliver_file_start") download(value);
  }

  // --- copy and paste --------------------------------------------------------------------------------------

  // The terminal would send these keys to the program. Here they are the browser's, which pastes into the
  // terminal; Ctrl+C is the program's unless something is selected.
  function clipboardKey(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || !find("end").hidden) return;
    const key = event.key.toLowerCase();
    if (key === "v") event.stopImmediatePropagation();
    else if (key === "c" && copySelected()) {
      event.stopImmediatePropagation();
      event.preventDefault();
    }
  }

  // The terminal takes the event if something is selected in it.
  function copySelected() {
    let copied = false;
    const heard = (event) => { copied = event.defaultPrevented; };
    window.addEventListener("copy", heard);
    document.execCommand("copy");
    window.removeEventListener("copy", heard);
    if (copied) note("The selected text is copied.");
    return copied;
  }

  // --- the start -------------------------------------------------------------------------------------------

  class VisitSocket extends WebSocket {
    constructor(url) {
      super(url);
      socket = this;
      this.addEventListener("open", () => { focusTerminal(); openState(); });
      this.addEventListener("message", received);
      this.addEventListener("close", closed);
    }

    // Keys and sizes before the socket is open, or after it is closed, go nowhere.
    send(text) {
      if (this.readyState === WebSocket.OPEN) super.send(text);
    }
  }
  window.WebSocket = VisitSocket;

  const url = new URL("ws", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.search = url.hash = "";
  find("terminal").dataset.sessionWebsocketUrl = url.href;
  // textual.js has options there, which are not for this page.
  if (location.search) history.replaceState(null, "", location.pathname + location.hash);

  find("again").addEventListener("click", () => location.reload());
  window.addEventListener("hashchange", openState);
  window.addEventListener("keydown", clipboardKey, true);
  window.addEventListener("focus", () => { if (find("end").hidden) focusTerminal(); });

  // The terminal measures its font once, so that has to be there.
  const start = window.onload;
  window.onload = null;
  const fonts = Promise.all(["", "bold ", "italic "].map((style) => document.fonts.load(style + '16px "Roboto Mono"')));
  const late = new Promise((done) => setTimeout(done, 3000));
  Promise.race([fonts, late]).catch(() => {}).then(() => start(new Event("load")));
})();
