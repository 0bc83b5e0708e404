/** A node as the editor holds it. */
interface AddedNode {
  z?: string;
  server?: string;
}

/** The tpe-server that a fresh node means where there is exactly one that it could use. */
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
