import { setImmediate as afterOthers } from 'node:timers/promises';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { chosenLanguage, LANGUAGES, type Language } from '../api/words/languages.js';
import type { Alarm, AlarmHappening, AlarmTelling } from '../manager/alarms/alarm.js';
import { SEVERITIES } from '../manager/alarms/alarm-rule.js';
import { isPlainObject } from '../manager/shared/validate.js';
import { textIn } from '../node-red/fields/checks.js';
import { requestedBy } from '../node-red/login/requested-by.js';
import { createNode } from '../node-red/runtime/create-node.js';
import { globMatcher } from '../node-red/runtime/glob.js';
import { onInput } from '../node-red/runtime/input-handler.js';
import { statusLine } from '../node-red/runtime/node-status.js';
import { fieldReader, type TypedFields } from '../node-red/runtime/typed-fields.js';
import { linkServer } from '../node-red/server/server-link.js';
import { type ActField, actionOf, doAct } from './alarm-acts.js';
import { sentenceOf } from './sentence.js';

type Config = NodeDef & {
  server?: string;
  /** Alarms of this severity and worse are sent; blank: all. */
  least?: string;
  /** Alarms of this kind are sent; blank: all. */
  kind?: string;
  /** Pattern of sites with * and ?; blank: all, also alarms without a site. */
  site?: string;
  /** The language of the sentence; blank: that of Node-RED. */
  language?: string;
} & TypedFields<ActField>;

const OUTPUTS = ['raised', 'cleared', 'reminder'] as const satisfies AlarmHappening[];

export = (RED: NodeAPI) => {
  function TpeAlarm(this: Node, config: Config) {
    createNode(RED, this, config);
    const status = statusLine(this);
    const isWanted = alarmFilter(config);
    const language = languageOf(textIn({ ...config }, 'language'), RED);
    const read = fieldReader<ActField>(RED, this, config);

    const tell = async (telling: AlarmTelling): Promise<void> => {
      if (!isWanted(telling.alarm)) return;
      // The nodes that are wired to this one may not exist yet in the middle of a deploy.
      await afterOthers();
      const message = messageOf(telling, language);
      this.send(OUTPUTS.map((output) => (output === telling.what ? message : null)));
    };
    const link = linkServer(RED, this, config, status, (manager) => manager.alarms.tell(tell));

    onInput(this, status, async (msg) => {
      const value = async (name: ActField) => {
        const given = await read(name, msg);
        const inPayload = isPlainObject(msg.payload) ? msg.payload[name] : undefined;
        // Null says something: that an alarm is assigned to nobody.
        return given ?? (inPayload === undefined ? given : inPayload);
      };
      const action = await actionOf(msg, value);
      const manager = await link.manager();
      await doAct(action, { manager, msg, by: requestedBy(this, msg), value });
      status.activity(null);
    });
  }

  RED.nodes.registerType('tpe-alarm', TpeAlarm);
};

function messageOf(telling: AlarmTelling, language: Language) {
  const { id, what, alarm } = telling;
  return {
    payload: sentenceOf(telling, language),
    topic: alarm.clientid ?? alarm.key,
    tpe: { what, telling: id, alarm },
  };
}

/** Creates the function that says whether the node sends an alarm. */
function alarmFilter(config: Config): (alarm: Alarm) => boolean {
  const text = (name: string) => textIn({ ...config }, name);
  const worst = (SEVERITIES as readonly string[]).indexOf(text('least'));
  const isOfSite = text('site') === '' ? () => true : globMatcher(text('site'));
  return ({ severity, kind, site }) =>
    (worst === -1 || SEVERITIES.indexOf(severity) <= worst) &&
    (text('kind') === '' || kind === text('kind')) &&
    isOfSite(site ?? '');
}

/** The language of the field, else that of Node-RED. */
function languageOf(field: string, RED: NodeAPI): Language {
  const named = LANGUAGES.find((language) => language === field);
  if (named !== undefined) return named;
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  // As Node-RED takes its own.
  const own = (RED.settings as { lang?: string }).lang ?? LC_ALL ?? LC_MESSAGES ?? LANG ?? '';
  return chosenLanguage([(own.split('.')[0] ?? '').replaceAll('_', '-')]);
}
