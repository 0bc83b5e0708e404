import { expect } from 'chai';
import { draftText, formOf, hasSecretColumn } from '../../nodes/dashboard/client/composables/draft-text.js';

describe('what is kept of a form that is half typed', () => {
  it('comes back as it was, also long numbers', () => {
    const form = { name: 'gw', count: 18446744073709551615n, tags: ['a', 'b'], none: null };
    const { text, lacksSecrets } = draftText(form);
    expect(formOf(text)).to.deep.equal(form);
    expect(lacksSecrets).to.equal(false);
  });

  it('has no secret: by its name, by a label beside it, or by the mark of a schema', () => {
    const form = {
      password: 'one-secret',
      wifi: [{ ssid: 'plant', presharedKey: 'two-secret' }],
      list: [{ name: 'password', value: 'three-secret' }],
      unlock: 'four-secret',
      note: 'kept',
    };
    const { text, lacksSecrets } = draftText(form, { marked: () => new Set(['unlock']) });
    expect(text).not.to.contain('secret');
    expect(text).to.contain('kept').and.to.contain('plant');
    expect(lacksSecrets).to.equal(true);
  });

  it('says nothing of secrets where none was typed', () => {
    expect(draftText({ password: '', note: 'x' }).lacksSecrets).to.equal(false);
  });

  it('keeps a description of the server whole, which names secrets and holds none', () => {
    const operation = { id: 'users.create', bodySchema: { properties: { password: { type: 'string' } } } };
    const { text } = draftText({ operation, body: { password: 'x', name: 'kim' } }, { given: ['operation'] });
    expect(formOf(text)).to.deep.equal({ operation, body: { name: 'kim' } });
  });

  it('keeps no file that has a column of secrets', () => {
    expect(hasSecretColumn('clientid;site;tags\ngw-1;Hall;a')).to.equal(false);
    for (const text of [
      'clientid,username,password\ngw-1,,x',
      '"clientid"\t"Password"\ngw-1\tx',
      'Our gateways\n\nclientid;password\n',
      '[{"clientid": "gw-1", "password": "x"}]',
    ])
      expect(hasSecretColumn(text), text).to.equal(true);
  });

  it('takes nothing that is no form', () => {
    for (const text of ['', '[]', 'null', '{', '3']) expect(formOf(text), text).to.equal(null);
  });
});
