import type { Language } from '../api/words/languages.js';
import { sayReason } from '../api/words/say-reason.js';
import type { Alarm, AlarmTelling } from '../manager/alarms/alarm.js';
import type { Severity } from '../manager/alarms/alarm-rule.js';

interface Words {
  severity: Record<Severity, string>;
  cleared: string;
  reminder: string;
  colon: string;
  /** Ends a sentence. */
  stop: string;
  /** Stands between two sentences. */
  gap: string;
}

const WORDS: Record<Language, Words> = {
  'en-US': {
    severity: { critical: 'Critical', warning: 'Warning', info: 'Info' },
    ...{ cleared: 'Over', reminder: 'Still so', colon: ': ', stop: '.', gap: ' ' },
  },
  de: {
    severity: { critical: 'Kritisch', warning: 'Warnung', info: 'Hinweis' },
    ...{ cleared: 'Vorbei', reminder: 'Noch immer', colon: ': ', stop: '.', gap: ' ' },
  },
  ja: {
    severity: { critical: '重大', warning: '警告', info: '情報' },
    ...{ cleared: '解消', reminder: '継続中', colon: '：', stop: '。', gap: '' },
  },
  'zh-TW': {
    severity: { critical: '嚴重', warning: '警告', info: '資訊' },
    ...{ cleared: '已解除', reminder: '仍未解決', colon: '：', stop: '。', gap: '' },
  },
};

/** Says in a language what is so, and what to do first; of one that has cleared only what is over. */
export function sentenceOf({ what, alarm }: Omit<AlarmTelling, 'id'>, language: Language): string {
  const words = WORDS[language];
  const said = subjectOf(alarm, sayReason(language, { text: alarm.text, cause: alarm.cause }), words);
  if (what === 'cleared') return `${words.cleared}${words.colon}${said}`;
  const severity = words.severity[alarm.severity];
  const begin = what === 'reminder' ? `${words.reminder}${words.colon}${severity}` : severity;
  const advice = sayReason(language, { text: alarm.advice, cause: alarm.adviceCause });
  const first = `${begin}${words.colon}${said}`;
  return advice.trim() === '' ? first : `${first}${words.gap}${ended(advice, words)}`;
}

/** With the gateway in front, where the text does not name it. */
function subjectOf({ clientid }: Alarm, text: string, words: Words): string {
  const named = clientid === null || text.includes(clientid) ? text : `${clientid}${words.colon}${text}`;
  return ended(named, words);
}

function ended(text: string, { stop }: Words): string {
  return /[.!?。！？…]$/.test(text.trim()) ? text.trim() : `${text.trim()}${stop}`;
}
