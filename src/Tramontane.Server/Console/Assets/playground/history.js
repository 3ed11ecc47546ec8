// Conversations that this browser keeps. The logic is here; where they lie is a backend: IndexedDB, or memory where the
// browser refuses to keep anything.
import { readConversation, titleOf } from "./conversation.js";

export const fileFormat = "tramontane-playground";

/**
 * @typedef {{id: string, title: string, updated: number}} Entry
 * @typedef {{put(conversation: object, entry: Entry): Promise<void>, get(id: string): Promise<object | undefined>,
 *   list(): Promise<Entry[]>, remove(id: string): Promise<void>, clear(): Promise<void>}} Backend
 */

/** @param {Backend} backend */
export function createHistory(backend, now = () => Date.now()) {
  const entryOf = (c) => ({ id: c.id, title: titleOf(c), updated: c.updated });
  const history = {
    /** The newest first. @returns {Promise<Entry[]>} */
    list: async () => (await backend.list()).sort((a, b) => b.updated - a.updated || a.id.localeCompare(b.id)),

    /** Keeps a conversation; one without messages is not worth it. */
    async save(conversation) {
      if (conversation.messages.length === 0) return;
      conversation.updated = now();
      await backend.put(structuredClone(conversation), entryOf(conversation));
    },

    async load(id) {
      const found = await backend.get(id);
      return found === undefined ? null : readConversation(found);
    },

    async rename(id, title) {
      const found = await backend.get(id);
      if (found === undefined) return;
      found.title = title.trim().slice(0, 200);
      await backend.put(found, entryOf(found));
    },

    /** Removes a conversation and returns it, so that it can be put back. */
    async remove(id) {
      const found = await backend.get(id);
      await backend.remove(id);
      return found ?? null;
    },

    restore: (conversation) => backend.put(conversation, entryOf(conversation)),

    clear: () => backend.clear(),

    /** Everything as the text of a file. */
    async exportAll() {
      const conversations = [];
      for (const { id } of await history.list()) conversations.push(await backend.get(id));
      return JSON.stringify({ format: fileFormat, version: 1, conversations }, null, 2);
    },

    /** Takes over the conversations of a file; those with a known id are replaced. Returns how many. Nothing is kept of a file that is not whole. */
    async importAll(text) {
      let file;
      try { file = JSON.parse(text); } catch { throw new TypeError("The file is no JSON."); }
      if (file?.format !== fileFormat || !Array.isArray(file.conversations)) throw new TypeError("The file is no export of this playground.");
      if (file.version !== 1) throw new TypeError(`The file is of version ${file.version}; this page reads version 1.`);
      const read = file.conversations.map((c) => readConversation(c, now()));
      for (const conversation of read) await backend.put(conversation, entryOf(conversation));
      return read.length;
    },
  };
  return history;
}

/** @returns {Backend} */
export function memoryBackend() {
  const kept = new Map();
  return {
    put: async (conversation, entry) => { kept.set(conversation.id, { conversation, entry }); },
    get: async (id) => structuredClone(kept.get(id)?.conversation),
    list: async () => [...kept.values()].map((k) => k.entry),
    remove: async (id) => { kept.delete(id); },
    clear: async () => kept.clear(),
  };
}

/** The browser's own database; rejects where it is refused. @returns {Promise<Backend>} */
export async function browserBackend(name = "tramontane-playground") {
  const database = await new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("conversations", { keyPath: "id" });
      opening.result.createObjectStore("entries", { keyPath: "id" }); // titles alone, so that the list needs no images
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
    opening.onblocked = () => reject(new Error("another tab holds an older version open"));
  });
  database.onversionchange = () => database.close();
  const run = (mode, work) => new Promise((resolve, reject) => {
    const transaction = database.transaction(["conversations", "entries"], mode);
    const asked = work(transaction.objectStore("conversations"), transaction.objectStore("entries"));
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
  return {
    put: (conversation, entry) => run("readwrite", (all, entries) => { all.put(conversation); entries.put(entry); }),
    get: (id) => run("readonly", (all) => all.get(id)),
    list: () => run("readonly", (_, entries) => entries.getAll()),
    remove: (id) => run("readwrite", (all, entries) => { all.delete(id); entries.delete(id); }),
    clear: () => run("readwrite", (all, entries) => { all.clear(); entries.clear(); }),
  };
}
