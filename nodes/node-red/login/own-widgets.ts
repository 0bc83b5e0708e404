/** Ids of the widgets of this pack, which check the rights of the caller themselves. */
const own = new Set<string>();

/** Marks a widget as one of this pack until the returned function is called. */
export function markOwnWidget(id: string): () => void {
  own.add(id);
  return () => void own.delete(id);
}

/** Whether a value is the id of a widget of this pack. */
export function isOwnWidget(id: unknown): boolean {
  return typeof id === 'string' && own.has(id);
}
