/** So many gateways are told of. */
export const GATEWAYS = 10_000;

export const clientidOf = (number: number) => `gw-${1 + number}`;

/** Which gateways a generator tells of, and from which turn on, so that times grow from one run to the next. */
export interface BodyRange {
  first: number;
  count: number;
  /** Below 900; further apart than a run has turns. */
  turn: number;
}

/**
 * Bodies as the rule of docker/emqx makes EMQX 5.8 post them. Each call gives the next one: in one turn all gateways disconnect, in the next
 * one all connect, so every event is a change, and two events of one gateway are never on their way at once. It begins with disconnects, since
 * an earlier run may have left gateways connected, and a second connect is a fault of its own. `webhook-load.lua` has the same pattern for wrk.
 */
export function createBodies({ first, count, turn }: BodyRange): () => string {
  const connectedAt = new Array<number>(count).fill(0);
  let number = 0;
  return () => {
    const index = number % count;
    const turns = Math.floor(number / count);
    number += 1;
    // Whole seconds and the turn: what is later is greater, also where two turns fall into one second.
    const at = Math.floor(Date.now() / 1000) * 1000 + turn + turns;
    const clientid = clientidOf(first + index);
    if (turns === 0) return disconnected(clientid, at - 1, at);
    if (turns % 2 === 0) return disconnected(clientid, connectedAt[index]!, at);
    connectedAt[index] = at;
    return connected(clientid, at);
  };
}

function connected(clientid: string, at: number): string {
  return `{"username":"${clientid}","timestamp":${at},"sockname":"127.0.0.1:1883","receive_maximum":32,"proto_ver":4,"proto_name":"MQTT","peername":"10.0.0.9:43578","node":"emqx@127.0.0.1","mountpoint":"undefined","metadata":{"rule_id":"tpedm"},"keepalive":60,"is_bridge":false,"expiry_interval":0,"event":"client.connected","connected_at":${at},"conn_props":{"User-Property":{}},"clientid":"${clientid}","client_attrs":{},"clean_start":true}`;
}

function disconnected(clientid: string, connectedAt: number, at: number): string {
  return `{"username":"${clientid}","timestamp":${at},"sockname":"127.0.0.1:1883","reason":"normal","proto_ver":4,"proto_name":"MQTT","peername":"10.0.0.9:43578","node":"emqx@127.0.0.1","metadata":{"rule_id":"tpedm"},"event":"client.disconnected","disconnected_at":${at},"disconn_props":{"User-Property":{}},"connected_at":${connectedAt},"clientid":"${clientid}","client_attrs":{}}`;
}
