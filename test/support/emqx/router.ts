import type { QoS } from 'mqtt-packet';
import type { Message } from './message.js';
import type { Delivery } from './outbox.js';
import type { Session } from './session.js';
import { covers, parseFilter } from './topics.js';

/** Who is there, and who gets what. */
export interface Router {
  /** In the order in which they came: what REST lists. */
  sessions: Map<string, Session>;
  /** Hands a message to all who asked for it; and returns their number. */
  route(message: Message): number;
  subscribe(session: Session, filter: string, qos: QoS): void;
  unsubscribe(session: Session, filter: string): boolean;
  /** The session is over: its place in the groups goes, and what it left of their messages to others. */
  forget(session: Session): void;
  clear(): void;
}

export function createRouter(): Router {
  const sessions = new Map<string, Session>();
  const retained = new Map<string, Message>();
  /** By `$share/<group>/<filter>`, in the order of joining; the one whose turn it is comes first. */
  const groups = new Map<string, Session[]>();
  const subscribers = createSubscribers();

  const leave = (session: Session, filter: string) => {
    const left = (groups.get(filter) ?? []).filter((member) => member !== session);
    if (left.length > 0) groups.set(filter, left);
    else groups.delete(filter);
  };
  /** Each in turn; one that is away only where all are. */
  const nextMember = (filter: string): Session | undefined => {
    const members = groups.get(filter) ?? [];
    const member = members.find(({ connected }) => connected) ?? members[0];
    if (member) groups.set(filter, [...members.filter((other) => other !== member), member]);
    return member;
  };
  const handToGroup = (filter: string, message: Message): number => {
    const member = nextMember(filter);
    if (member === undefined) return 0;
    const qos = lower(message.qos, member.subscriptions.get(filter) ?? 0);
    member.outbox.offer({ message, qos, retain: false, filter, group: filter });
    return 1;
  };
  return {
    sessions,
    route(message) {
      if (message.retain) {
        if (message.payload.length === 0) retained.delete(message.topic);
        else retained.set(message.topic, message);
      }
      let receivers = 0;
      for (const { session, filter } of subscribers.of(message.topic)) {
        const qos = lower(message.qos, session.subscriptions.get(filter) ?? 0);
        session.outbox.offer({ message, qos, retain: false, filter, group: null });
        receivers += 1;
      }
      for (const filter of [...groups.keys()]) {
        if (covers(parseFilter(filter).filter, message.topic)) receivers += handToGroup(filter, message);
      }
      return receivers;
    },
    subscribe(session, filter, qos) {
      session.subscriptions.set(filter, qos);
      if (parseFilter(filter).group !== null) {
        const members = groups.get(filter) ?? [];
        if (!members.includes(session)) groups.set(filter, [...members, session]);
        return;
      }
      subscribers.add(filter, session);
      for (const message of retained.values()) {
        if (!covers(filter, message.topic)) continue;
        session.outbox.offer({ message, qos: lower(message.qos, qos), retain: true, filter, group: null });
      }
    },
    unsubscribe(session, filter) {
      leave(session, filter);
      subscribers.delete(filter, session);
      return session.subscriptions.delete(filter);
    },
    forget(session) {
      if (sessions.get(session.clientid) === session) sessions.delete(session.clientid);
      for (const filter of session.subscriptions.keys()) {
        leave(session, filter);
        subscribers.delete(filter, session);
      }
      const unfinished: Delivery[] = session.outbox.unfinishedShared();
      for (const { filter, message } of unfinished) handToGroup(filter, message);
    },
    clear() {
      sessions.clear();
      retained.clear();
      groups.clear();
      subscribers.clear();
    },
  };
}

/** Plain subscriptions by filter. Only those with wildcards are looked through, for the sake of large fleets. */
function createSubscribers() {
  const exact = new Map<string, Set<Session>>();
  const wild = new Map<string, Set<Session>>();
  const indexOf = (filter: string) => (/[+#]/.test(filter) ? wild : exact);
  return {
    of(topic: string): { session: Session; filter: string }[] {
      const filters = [...wild.keys()].filter((filter) => covers(filter, topic));
      return [topic, ...filters].flatMap((filter) =>
        [...(indexOf(filter).get(filter) ?? [])].map((session) => ({ session, filter })),
      );
    },
    add(filter: string, session: Session) {
      const index = indexOf(filter);
      index.set(filter, (index.get(filter) ?? new Set()).add(session));
    },
    delete(filter: string, session: Session) {
      const index = indexOf(filter);
      const left = index.get(filter);
      if (left?.delete(session) && left.size === 0) index.delete(filter);
    },
    clear() {
      exact.clear();
      wild.clear();
    },
  };
}

function lower(left: QoS, right: QoS): QoS {
  return left < right ? left : right;
}
