import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '../free-port.js';
import { type Emqx, type EmqxOptions, startEmqx } from './index.js';

/** What a node's REST API does, beside the right thing. */
type Manner = 'well' | 'hanging' | 'half-list' | 'half-list-and-count';

/** One node of a cluster: a broker of its own behind a REST API that speaks for all nodes that it reaches. */
export interface ClusterNode {
  name: string;
  /** Of the API that speaks for the cluster. */
  apiUrl: string;
  mqttUrl: string;
  /** The broker behind it. */
  emqx: Emqx;
  /** How often its list of clients was asked for, first pages only. */
  listings(): number;
  /** As when its process dies. */
  stop(): Promise<void>;
  /** Comes back after `stop`, or goes and comes back within the moment, without its clients. */
  restart(): Promise<void>;
  behave(manner: Manner): void;
}

export interface EmqxCluster {
  nodes: ClusterNode[];
  /** Nodes of different parts do not reach each other; what parts are left out of is one part more. */
  split(...parts: number[][]): void;
  heal(): void;
  stop(): Promise<void>;
}

interface Member {
  name: string;
  emqx: Emqx;
  isRunning: boolean;
  part: number;
  manner: Manner;
  listings: number;
  server: Server;
  hanging: Set<ServerResponse>;
}

/**
 * Several brokers as one cluster: each node's REST API lists the clients of all nodes that it reaches, and tells which nodes
 * run. A node that is not reached is `stopped`, as EMQX has it, whether it is dead or beyond a split. Clients stay with their node.
 */
export async function startCluster(size: number, options: EmqxOptions): Promise<EmqxCluster> {
  const members: Member[] = [];
  for (let index = 0; index < size; index += 1) members.push(await startMember(`emqx@n${index + 1}`));

  async function startMember(name: string): Promise<Member> {
    const member: Member = {
      name,
      emqx: await startEmqx(options),
      isRunning: true,
      part: 0,
      manner: 'well',
      listings: 0,
      server: createServer((request, response) => void serve(member, request, response)),
      hanging: new Set(),
    };
    member.server.listen(await freePort(), '127.0.0.1');
    await once(member.server, 'listening');
    return member;
  }

  const reachedFrom = (member: Member) => members.filter((one) => one.isRunning && one.part === member.part);

  async function serve(member: Member, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOf(request);
    if (member.manner === 'hanging')
      return void member.hanging.add(response.once('close', () => member.hanging.delete(response)));
    const reached = reachedFrom(member);
    const { pathname } = new URL(request.url ?? '/', 'http://n');
    const [, , , room, first] = pathname.split('/');
    const ask = (one: Member) => callOf(one.emqx.apiUrl, request, text);
    const answers = () => Promise.all(reached.map(ask));
    let answer: Answer;
    if (room === 'nodes')
      answer = nodesOf(members, reached, await answers(), member.manner === 'half-list-and-count' ? 0.5 : 1);
    else if ((room === 'clients' || room === 'clients_v2') && first === undefined) {
      member.listings += 1;
      answer = listOf(reached, await answers(), member.manner.startsWith('half-list'));
    } else if (room === 'clients' || room === 'publish') answer = bestOf(await answers());
    else answer = await ask(member);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text);
  }

  return {
    nodes: members.map((member) => ({
      name: member.name,
      apiUrl: `http://127.0.0.1:${(member.server.address() as AddressInfo).port}`,
      get mqttUrl() {
        return member.emqx.mqttUrl;
      },
      emqx: member.emqx,
      listings: () => member.listings,
      async stop() {
        const { port } = member.server.address() as AddressInfo;
        member.isRunning = false;
        await close(member.server);
        await member.emqx.stop();
        Object.assign(member, { port });
      },
      async restart() {
        await member.emqx.restart();
        if (!member.isRunning) {
          member.server.listen((member as Member & { port: number }).port, '127.0.0.1');
          await once(member.server, 'listening');
        }
        member.isRunning = true;
      },
      behave(manner) {
        member.manner = manner;
        if (manner !== 'hanging') for (const response of member.hanging) response.destroy();
      },
    })),
    split(...parts) {
      for (const [index, member] of members.entries())
        member.part = parts.findIndex((part) => part.includes(index));
    },
    heal() {
      for (const member of members) member.part = 0;
    },
    async stop() {
      await Promise.all(members.map(({ server }) => close(server)));
      await Promise.all(members.map(({ emqx }) => emqx.stop().catch(() => undefined)));
    },
  };
}

interface Answer {
  status: number;
  text: string;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

async function callOf(
  apiUrl: string,
  { method = 'GET', url = '', headers }: IncomingMessage,
  body: string,
): Promise<Answer> {
  const response = await fetch(`${apiUrl}${url}`, {
    method,
    headers: { authorization: headers.authorization ?? '', 'content-type': 'application/json' },
    ...(body === '' ? {} : { body }),
  });
  return { status: response.status, text: await response.text() };
}

/** A version's envelope around a list, or none. */
function inEnvelope(
  text: string,
  change: (items: Record<string, unknown>[]) => unknown[],
  meta: object,
): string {
  const body = JSON.parse(text);
  if (Array.isArray(body)) return JSON.stringify(change(body));
  return JSON.stringify({ ...body, data: change(body.data), ...('meta' in body ? { meta } : {}) });
}

const itemsOf = (text: string): Record<string, unknown>[] => {
  const body = JSON.parse(text);
  return Array.isArray(body) ? body : body.data;
};

function nodesOf(
  members: readonly Member[],
  reached: readonly Member[],
  answers: readonly Answer[],
  share: number,
): Answer {
  const refused = answers.find(({ status }) => status !== 200);
  if (refused) return refused;
  const [first] = answers;
  const counted = (item: Record<string, unknown>) =>
    'live_connections' in item ? { live_connections: Math.floor(Number(item.live_connections) * share) } : {};
  const running = answers.map(({ text }, index) => ({
    ...itemsOf(text)[0],
    ...counted(itemsOf(text)[0] ?? {}),
    node: reached[index]!.name,
  }));
  const isV4 = !Array.isArray(JSON.parse(first!.text));
  const stopped = members
    .filter((member) => !reached.includes(member))
    .map(({ name }) =>
      isV4 ? { name, node_status: 'Stopped' } : { node: name, node_status: 'stopped', role: 'core' },
    );
  return { status: 200, text: inEnvelope(first!.text, () => [...running, ...stopped], {}) };
}

/** Of all nodes, on one page. */
function listOf(reached: readonly Member[], answers: readonly Answer[], isHalf: boolean): Answer {
  const refused = answers.find(({ status }) => status !== 200);
  if (refused) return refused;
  const items = answers.flatMap(({ text }, index) =>
    itemsOf(text).map((item) => ({ ...item, node: reached[index]!.name })),
  );
  const listed = isHalf ? items.filter((_item, index) => index % 2 === 0) : items;
  return {
    status: 200,
    text: inEnvelope(answers[0]!.text, () => listed, { count: listed.length, hasnext: false }),
  };
}

/** Of the node that has the client, or a subscriber. */
function bestOf(answers: readonly Answer[]): Answer {
  const hasMore = (answer: Answer) =>
    answer.status < 300 && answer.status !== 202 && !/"data":\[\]|"code":112/.test(answer.text);
  return answers.find(hasMore) ?? answers.find(({ status }) => status === 202) ?? answers[0]!;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
