import { once } from 'node:events';
import { WebSocket } from 'ws';
import { fullRow, type GatewayRow, type ShortRow } from '../../nodes/api/gateway-row.js';
import { type SentMessage, unpackMessage } from '../../nodes/dashboard/wire/packed-rows.js';
import { eventOf } from '../../nodes/dashboard/wire/widget-event.js';
import type { WidgetMessage } from '../../nodes/dashboard/wire/wire.js';
import type { NodeRedProcess } from './node-red-process.js';

/** The table of gateways as a browser has it that is signed in and does nothing. */
export interface GatewaysTable {
  /** Resolves when the row of this gateway is as wanted, now or by what the node tells from now on. */
  shows(clientid: string, isWanted: (row: GatewayRow) => boolean): Promise<GatewayRow>;
  close(): void;
}

const SOCKET = '/dashboard/socket.io/?EIO=4&transport=websocket';

/** Opens the first page of the table `widget` on the dashboard of a Node-RED. */
export async function openGatewaysTable(nodeRed: NodeRedProcess, widget: string): Promise<GatewaysTable> {
  const headers = { cookie: await signIn(nodeRed) };
  const socket = new WebSocket(nodeRed.url.replace('http', 'ws') + SOCKET, { headers });
  const rows = new Map<string, GatewayRow>();
  const take = (message: WidgetMessage) => {
    if (message.type === 'refused') return;
    if (message.type === 'answer') rows.clear();
    const { items } = message.type === 'patch' ? message.patch : (message.value as { items: object[] });
    for (const row of items as ShortRow[]) rows.set(row.clientid, fullRow(row));
    socket.emit('rows');
  };
  const ask = () => {
    const page = { type: 'subscribe', number: 1, procedure: 'gateways.page', input: { limit: 100 } };
    socket.send(`42${JSON.stringify(['widget-change', widget, page])}`);
  };
  socket.on('message', (data) => {
    const packet = String(data);
    if (packet.startsWith('0')) socket.send('40');
    if (packet === '2') socket.send('3');
    if (!packet.startsWith('42')) return;
    const [event, message] = JSON.parse(packet.slice(2)) as [string, SentMessage];
    if (event === 'ui-config') ask();
    if (event === eventOf(widget)) take(unpackMessage(message));
  });
  await once(socket, 'rows');
  return {
    async shows(clientid, isWanted) {
      for (;;) {
        const row = rows.get(clientid);
        if (row !== undefined && isWanted(row)) return row;
        await once(socket, 'rows');
      }
    },
    close: () => socket.terminate(),
  };
}

async function signIn({ url, adminPassword }: NodeRedProcess): Promise<string> {
  const answer = await fetch(`${url}/dashboard/login/`, {
    method: 'POST',
    body: new URLSearchParams({ user: 'admin', password: adminPassword }),
    headers: { origin: url },
    redirect: 'manual',
  });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}
