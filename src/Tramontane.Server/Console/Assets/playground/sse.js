// Server-sent events as the WHATWG's standard reads them, from text in pieces of any size.

/**
 * @param {(event: {type: string, data: string, id: string}) => void} dispatch called for every event that has data
 * @returns {{push(text: string): void}}
 */
export function createSseParser(dispatch) {
  let rest = "";
  let afterReturn = false;
  let data = null, type = "", id = "";

  function line(text) {
    if (text === "") {
      if (data !== null) dispatch({ type: type || "message", data, id });
      data = null;
      type = "";
      return;
    }
    const colon = text.indexOf(":");
    if (colon === 0) return; // a comment, which keeps proxies awake
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(text[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") data = data === null ? value : `${data}\n${value}`;
    else if (field === "event") type = value;
    else if (field === "id" && !value.includes("\0")) id = value;
  }

  return {
    push(text) {
      let from = 0;
      for (let i = 0; i < text.length; i++) {
        const c = text[i];
        if (c === "\n" && afterReturn) { afterReturn = false; from = i + 1; continue; } // the second half of \r\n
        afterReturn = c === "\r";
        if (c !== "\n" && c !== "\r") continue;
        line(rest + text.slice(from, i));
        rest = "";
        from = i + 1;
      }
      rest += text.slice(from);
    },
  };
}
