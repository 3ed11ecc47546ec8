// The API key of this tab. It lies in the session's storage, which goes with the tab, and nowhere else.

const name = "tramontane-key";

export function readKey() {
  try { return sessionStorage.getItem(name) ?? ""; } catch { return ""; }
}

export function writeKey(key) {
  try {
    if (key) sessionStorage.setItem(name, key);
    else sessionStorage.removeItem(name);
  } catch { /* refused: the field still holds it */ }
}
