const UPDATE = `
const { event, clientid, connected_at, disconnected_at, payload } = msg.payload;
const pool = global.get('pool');
if (event === 'message.publish') {
    const answer = JSON.parse(payload);
    await pool.query("update tpe_command set state = 'SUCCEEDED', answer_payload = $3, ended_at = now() where request_id = $1 and clientid = $2",
        [answer['request-id'], clientid, answer.payload]);
} else {
    const at = (event === 'client.connected' ? connected_at : disconnected_at) / 1000;
    await pool.query('update clientid_profile set connection_status = $2, connection_status_updated_at = $3 where clientid = $1',
        [clientid, event === 'client.connected', Math.floor(at)]);
}
msg.payload = { status: true };
return msg;`;

/** A flow that takes webhooks with what Node-RED comes with. */
export const STOCK_FLOW = [
  { id: 'tab', type: 'tab', label: 'webhooks' },
  { id: 'in', z: 'tab', type: 'http in', url: '/api/emqx/hook', method: 'post', wires: [['update']] },
  { id: 'update', z: 'tab', type: 'function', func: UPDATE, outputs: 1, wires: [['out']] },
  { id: 'out', z: 'tab', type: 'http response', statusCode: '200', wires: [] },
];
