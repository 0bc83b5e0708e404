import { expect } from 'chai';
import { translateBy } from '../../nodes/api/words/translate-by.js';
import { defineReasons, type Reason, wordsOfOthers } from '../../nodes/manager/shared/reason.js';
import { reasonTables, TRANSLATED_INTO, translationsIn, unusedCodes } from '../support/reason-tables.js';

const placesOf = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

describe('dashboard: reasons in the language of the person', () => {
  it('have one code each, in one table', async () => {
    const codes = (await reasonTables()).flatMap(({ texts }) => Object.keys(texts));
    expect(codes).to.have.length.greaterThan(200);
    expect(codes.filter((code, place) => codes.indexOf(code) !== place)).to.deep.equal([]);
    expect(codes.filter((code) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(code))).to.deep.equal([]);
  });

  it('are given somewhere', async () => {
    const codes = (await reasonTables()).flatMap(({ texts }) => Object.keys(texts));
    expect(unusedCodes(codes)).to.deep.equal([]);
  });

  it('are there in all languages, with the values of the English text', async () => {
    const texts = Object.assign({}, ...(await reasonTables()).map((table) => table.texts)) as Record<
      string,
      string
    >;
    for (const language of TRANSLATED_INTO) {
      const translations = translationsIn(language);
      const lacking = (from: object, codes: object) =>
        Object.keys(codes).filter((code) => !Object.hasOwn(from, code));
      expect(lacking(translations, texts), `without a translation in ${language}`).to.deep.equal([]);
      expect(lacking(texts, translations), `translated in ${language}, but said nowhere`).to.deep.equal([]);
      for (const [code, translation] of Object.entries(translations)) {
        expect(placesOf(translation), `${language} ${code}`).to.deep.equal(placesOf(texts[code]!));
        // A text that consists of a value alone has nothing to translate.
        if (/[a-z]{2}/i.test(texts[code]!.replace(/\{\w+\}/g, '')))
          expect(translation, `${language} ${code}`).not.to.equal(texts[code]);
      }
    }
  });
});

describe('reasons', () => {
  const reason = defineReasons({
    offline: 'The gateway is offline ({reason}).',
    silent: 'keepalive timeout',
    answered: 'It answered {status}: {words}.',
  });
  const german = {
    offline: 'Das Gateway ist offline ({reason}).',
    silent: 'Keepalive abgelaufen',
    answered: '{words} war die Antwort ({status}).',
  };
  const inGerman = (told: Reason) => translateBy(german, told);

  it('are translated with the reasons in them', () => {
    const told = reason('offline', { reason: reason('silent') });
    expect(told.text).to.equal('The gateway is offline (keepalive timeout).');
    expect(inGerman(told)).to.equal('Das Gateway ist offline (Keepalive abgelaufen).');
  });

  it('put times as people read them, in every language and also in reasons within', () => {
    const since = '2026-11-30T14:09:44.495Z';
    const reason = defineReasons({
      gone: 'It has been offline since {since}.',
      waits: 'It waits: {why}',
      said: 'It says {words}.',
    });
    const told = reason('waits', { why: reason('gone', { since }) });
    const clock = () => '14:09';
    expect(translateBy({}, told, clock)).to.equal('It waits: It has been offline since 14:09.');
    const german = { gone: 'Offline seit {since}.', waits: 'Es wartet: {why}' };
    expect(translateBy(german, told, clock)).to.equal('Es wartet: Offline seit 14:09.');
    // What a gateway says is left as it is, also where a time is in it.
    const words = `stopped at ${since}`;
    expect(translateBy({}, reason('said', { words }), clock)).to.equal(`It says ${words}.`);
  });

  it('are the same after they were stored', () => {
    const told = reason('offline', { reason: reason('silent') });
    expect(inGerman(JSON.parse(JSON.stringify(told)) as Reason)).to.equal(inGerman(told));
  });

  it('leave the words of others alone, however they look', () => {
    for (const words of ['', '$& {words} $1', '{status}', 'keepalive timeout', '(.*)', '__proto__']) {
      expect(inGerman(wordsOfOthers(words))).to.equal(words);
      const told = reason('answered', { status: 500, words });
      expect(told.text).to.equal(`It answered 500: ${words}.`);
      expect(inGerman(told)).to.equal(`${words} war die Antwort (500).`);
    }
  });

  it('of a code that this page does not know are shown in English', () => {
    for (const code of ['new', 'constructor', '__proto__'])
      expect(inGerman({ text: 'Something new.', cause: { code, params: {} } })).to.equal('Something new.');
  });

  it('can be stored, whatever is in their values', () => {
    const { text, cause } = reason('answered', { status: 1, words: 'a\u0000b\ud800' });
    expect(text).to.equal('It answered 1: ab\ufffd.');
    expect(cause?.params).to.deep.equal({ status: 1, words: 'ab\ufffd' });
  });
});
