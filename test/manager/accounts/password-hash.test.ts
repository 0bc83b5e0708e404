import { expect } from 'chai';
import {
  generatePassword,
  hashPassword,
  hashPasswordSync,
  verifyPassword,
  verifyPasswordSync,
} from '../../../nodes/manager/accounts/password-hash.js';

describe('accounts: password hash', () => {
  it('knows the password again, and no other', async () => {
    const hash = await hashPassword('Pässwörd 1');
    expect(await verifyPassword('Pässwörd 1', hash)).to.equal(true);
    expect(verifyPasswordSync('Pässwörd 1', hash)).to.equal(true);
    expect(await verifyPassword('Pässwörd 2', hash)).to.equal(false);
    expect(await verifyPassword('', hash)).to.equal(false);
  });

  it('takes a letter and its accent for one letter, as keyboards differ', async () => {
    expect(await verifyPassword('caf\u0065\u0301', await hashPassword('caf\u00e9'))).to.equal(true);
  });

  it('salts: one password has two hashes', async () => {
    expect(await hashPassword('same')).not.to.equal(hashPasswordSync('same'));
  });

  it('refuses a hash of another form', async () => {
    for (const hash of ['', 'plain', '$2b$08$abc', 'scrypt$1$1$1$$', 'scrypt$32768$8$1$short$short']) {
      expect(await verifyPassword('', hash), hash).to.equal(false);
    }
  });

  it('generates passwords that differ and are easy to read out', () => {
    const passwords = new Set(Array.from({ length: 200 }, generatePassword));
    expect(passwords).to.have.property('size', 200);
    for (const password of passwords)
      expect(password).to.match(/^([a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}$/);
  });
});
