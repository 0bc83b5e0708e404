import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { translator } from '../../nodes/dashboard/client/i18n/templates.js';
import { disconnectReason } from '../../nodes/manager/registry/reason.js';
import { disconnected } from '../support/client-events.js';
import { PACKAGE_ROOT } from '../support/editor-files.js';

const LANGUAGES = ['de', 'ja', 'zh-TW'];
const NODES = join(PACKAGE_ROOT, 'nodes');

const reasonsIn = (language: string) =>
  JSON.parse(
    readFileSync(join(PACKAGE_ROOT, 'nodes/dashboard/client/i18n/reasons', `${language}.json`), 'utf8'),
  ) as Record<string, string>;
const placesOf = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe('dashboard: reasons in the language of the person', () => {
  const german = translator(reasonsIn('de'));

  it('are the same in all languages, with the same places', () => {
    const templates = Object.keys(reasonsIn('de'));
    for (const language of LANGUAGES) {
      const reasons = reasonsIn(language);
      expect(Object.keys(reasons)).to.deep.equal(templates);
      for (const [template, translation] of Object.entries(reasons)) {
        expect(placesOf(translation), template).to.deep.equal(placesOf(template));
        expect(translation, language).not.to.equal(template);
      }
    }
  });

  it('are those that are given', () => {
    const sources = ['manager', 'node-red/login']
      .flatMap((folder) =>
        readdirSync(join(NODES, folder), { recursive: true, encoding: 'utf8' })
          .filter((file) => file.endsWith('.ts'))
          .map((file) => readFileSync(join(NODES, folder, file), 'utf8')),
      )
      .join('\n');
    // Some are put together of several texts.
    const pieces = Object.keys(reasonsIn('de'))
      .flatMap((template) => template.split(/\{\w+\}|[,"]| on line |\. |\.$|^The file /))
      .map((piece) => piece.trim())
      .filter((piece) => piece.length > 3);
    expect(pieces.filter((piece) => !sources.includes(piece))).to.deep.equal([]);
  });

  it('tell why a gateway is offline, whatever the broker said', () => {
    for (const word of [
      'normal',
      'keepalive_timeout',
      'tcp_closed',
      'ssl_closed',
      'kicked',
      'not_authorized',
    ]) {
      const reason = disconnectReason(disconnected('gateway', 1, 2, { reason: word }));
      for (const language of LANGUAGES) expect(translator(reasonsIn(language))(reason)).not.to.equal(reason);
    }
  });

  it('say what stands in a place in that language too', () => {
    expect(german('The gateway is offline (keepalive timeout).')).to.equal(
      'Das Gateway ist offline (Keepalive abgelaufen).',
    );
    expect(german('connected from 10.0.0.1')).to.equal('verbunden von 10.0.0.1');
  });

  it('say the most that a reason says', () => {
    expect(german('The gateway answered 500: out of order.')).to.equal(
      'Das Gateway antwortete 500: out of order.',
    );
    expect(german('The gateway answered 404.')).to.equal('Das Gateway antwortete 404.');
  });

  it('leave the words of others alone, however they look', () => {
    for (const text of ['', '$& {words}', 'connected\nfrom', '{address}', '(.*)', '<b>connected</b>']) {
      expect(german(text)).to.equal(text);
    }
    expect(german('The gateway answered 500: $& {status} $1.')).to.equal(
      'Das Gateway antwortete 500: $& {status} $1.',
    );
  });

  it('are looked for within the time of a test, also where a gateway says much', () => {
    const long = `The gateway answered ${': '.repeat(500)}${'. '.repeat(500)}`;
    expect(german(long)).to.equal(long);
  });
});
