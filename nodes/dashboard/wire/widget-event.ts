/** The event of socket.io that carries what one widget says to a browser. */
export function eventOf(widgetId: string): string {
  return `tpedm:${widgetId}`;
}
