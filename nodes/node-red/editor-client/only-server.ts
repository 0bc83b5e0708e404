/** The properties of a node in the editor that are used here. */
interface AddedNode {
  z?: string;
  server?: string;
}

/** Sets the tpe-server of a new node if there is exactly one that it can use: in its flow or global, and not disabled. */
export function chooseOnlyServer(this: AddedNode): void {
  if (this.server) return;
  const servers: string[] = [];
  RED.nodes.eachConfig(({ id, type, z, d }) => {
    const isWithin = z === undefined || z === '' || z === this.z;
    if (type === 'tpe-server' && isWithin && d !== true) servers.push(id);
  });
  const [only] = servers;
  if (only !== undefined && servers.length === 1) this.server = only;
}
