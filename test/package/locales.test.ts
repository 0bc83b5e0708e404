import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { NOTE_TEXTS } from '../../nodes/manager/catalogue/import/import-note.js';
import { editorFiles, keysOf, MANIFEST } from '../support/editor-files.js';

/** The languages of the users of these gateways. */
const LANGUAGES = ['de', 'ja', 'zh-TW'];
const TYPES = Object.keys(MANIFEST['node-red'].nodes);

interface Locale {
  texts: Record<string, unknown>;
  help: string;
}

function localeOf(type: string, language: string): Locale {
  const place = join(dirname(editorFiles(type).script), 'locales', language, type);
  for (const end of ['json', 'html']) expect(existsSync(`${place}.${end}`), `${place}.${end}`).to.equal(true);
  return {
    texts: JSON.parse(readFileSync(`${place}.json`, 'utf8')) as Record<string, unknown>,
    help: readFileSync(`${place}.html`, 'utf8'),
  };
}

/** Each text with its key. */
function textsIn(texts: unknown, above = ''): [string, string][] {
  if (typeof texts !== 'object' || texts === null) return [[above, String(texts)]];
  return Object.entries(texts).flatMap(([key, value]) => textsIn(value, `${above}.${key}`));
}

const placeholders = (text: string) => [...text.matchAll(/__\w+__/g)].map(([found]) => found).sort();
/** What a help text is built of: its blocks, and in them what is no language. */
const blocks = (help: string) =>
  [...help.matchAll(/<\/?(?:script|p|dl|dd|ol|ul|li|h3|h4|pre)\b/g)].map(String);
const names = (help: string) => [...help.matchAll(/<dt.*?<\/dt>|<pre>.*?<\/pre>/gs)].map(([found]) => found);
const codes = (help: string) => [...help.matchAll(/<code>(.*?)<\/code>/gs)].map(([, code]) => code).sort();

describe('package: languages', () => {
  it('say what an import notes, in English as the manager does', () => {
    const { texts } = editorFiles('tpe-command');
    expect((texts['tpe-command'] as Record<string, unknown>).note).to.deep.equal(NOTE_TEXTS);
  });

  for (const type of TYPES) {
    for (const language of LANGUAGES) {
      it(`${type} has all its texts in ${language}`, () => {
        const english = editorFiles(type);
        const { texts, help } = localeOf(type, language);
        expect(keysOf(texts)).to.have.members(keysOf(english.texts));
        const others = new Map(textsIn(texts));
        for (const [key, text] of textsIn(english.texts)) {
          const other = others.get(key) ?? '';
          expect(other.trim(), key).not.to.equal('');
          expect(placeholders(other), key).to.deep.equal(placeholders(text));
        }
        expect(blocks(help)).to.deep.equal(blocks(english.help));
        expect(names(help)).to.deep.equal(names(english.help));
        expect(codes(help).map(plain)).to.deep.equal(codes(english.help).map(plain));
      });

      it(`${type} speaks ${language} in them`, () => {
        const { texts, help } = localeOf(type, language);
        const words = `${textsIn(texts).map(([, text]) => text)} ${help}`;
        const typical = { de: /\b(der|die|das|und|nicht)\b/, ja: /[ぁ-ん]/, 'zh-TW': /[閘個請這為與]/ }[
          language
        ];
        expect(words).to.match(typical!);
        const bare = help.replaceAll(/<pre>.*?<\/pre>|<[^>]*>/gs, ' ');
        expect(bare).not.to.match(/\b(the|which|whether)\b/);
      });
    }
  }
});

function plain(code: string | undefined): string {
  return (code ?? '').replaceAll(/\s+/g, ' ');
}
