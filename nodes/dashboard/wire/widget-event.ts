/** The socket.io event that carries the messages of one widget to a browser. */
export function eventOf(widgetId: string): string {
  return `tpedm:${widgetId}`;
}
