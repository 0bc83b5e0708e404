/** So many gateways are told of. */
export const GATEWAYS = 10_000;

export const clientidOf = (number: number) => `gw-${1 + (number % GATEWAYS)}`;

/** The request id that is in flight to a gateway at the beginning; see fill in webhook-intake.ts. */
export const requestIdOf = (number: number) => 1 + (number % GATEWAYS);

/**
 * Bodies as EMQX 5.8 posts them: a third of connects, a third of disconnects of those sessions, a third of answers. Each
 * call gives the next one; `start` keeps several generators apart.
 */
export function createBodies(start: number): () => string {
  let number = start;
  let turn = 0;
  let connectedAt = 0;
  return () => {
    const clientid = clientidOf(number);
    const kind = turn % 3;
    turn += 1;
    if (kind === 0) {
      connectedAt = Date.now();
      return `{"username":"${clientid}","timestamp":${connectedAt},"sockname":"127.0.0.1:1883","proto_ver":4,"proto_name":"MQTT","peername":"10.0.0.9:43578","node":"emqx@127.0.0.1","keepalive":60,"event":"client.connected","connected_at":${connectedAt},"clientid":"${clientid}","clean_start":true}`;
    }
    if (kind === 1) {
      const payload = `{\\"request-id\\":${requestIdOf(number)},\\"state\\":200,\\"payload\\":\\"{\\\\\\"data\\\\\\":1}\\"}`;
      return `{"username":"${clientid}","topic":"/tpedm/${clientid}/output","timestamp":${Date.now()},"qos":1,"publish_received_at":${Date.now()},"peerhost":"10.0.0.9","payload":"${payload}","node":"emqx@127.0.0.1","id":"${start}-${turn}-${connectedAt}","flags":{"retain":false,"dup":false},"event":"message.publish","clientid":"${clientid}"}`;
    }
    number += 1;
    return `{"username":"${clientid}","timestamp":${Date.now()},"reason":"normal","proto_ver":4,"peername":"10.0.0.9:43578","node":"emqx@127.0.0.1","event":"client.disconnected","connected_at":${connectedAt},"disconnected_at":${Date.now()},"clientid":"${clientid}"}`;
  };
}
