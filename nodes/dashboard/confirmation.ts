/** What has to be written to confirm: the client id of one gateway, the number of several. */
export function confirmationOf(clientids: readonly string[]): string {
  return clientids.length === 1 ? clientids[0]! : String(clientids.length);
}
