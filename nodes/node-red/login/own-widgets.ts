/** Refuses a message that a browser sent to a widget, before it is parsed. `number` is that of its call, `why` ends a sentence. */
export type RefuseMessage = (
  socket: { emit(event: string, message: unknown): unknown },
  number: number | null,
  why: string,
) => void;

/** The widgets of this pack by id, which check the rights of the caller themselves, each with the function that refuses a message. */
const own = new Map<string, RefuseMessage>();

/** Marks a widget as one of this pack until the returned function is called. */
export function markOwnWidget(id: string, refuse: RefuseMessage): () => void {
  own.set(id, refuse);
  return () => void own.delete(id);
}

/** Whether a value is the id of a widget of this pack. */
export function isOwnWidget(id: unknown): boolean {
  return typeof id === 'string' && own.has(id);
}

/** The function that refuses messages for a widget; null if it is none of this pack. */
export function refusalOfWidget(id: string): RefuseMessage | null {
  return own.get(id) ?? null;
}
