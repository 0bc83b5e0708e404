import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { DOCKER } from '../support/docker-files.js';
import { copyOfStack, secretOf } from '../support/docker-stack.js';
import { PROJECT_ROOT, temporaryFolder } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

const SCRIPTS = readdirSync(DOCKER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.sh'))
  .toSorted();

function run(program: string, words: string[], options: object = {}) {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', ...options });
  return { status, stdout, stderr, all: `${stdout}${stderr}` };
}

describe('docker: shell scripts', () => {
  it('are all looked at', () => {
    expect(SCRIPTS).to.include.members(['install.sh', 'make-secrets.sh', 'postgres/20-emqx-role.sh']);
  });

  it('are shell as bash reads it, and may be started', () => {
    for (const name of SCRIPTS) {
      expect(run('bash', ['-n', join(DOCKER, name)]), name).to.deep.include({ status: 0, all: '' });
      const isStarted = readFileSync(join(DOCKER, name), 'utf8').startsWith('#!');
      expect((statSync(join(DOCKER, name)).mode & 0o111) !== 0, name).to.equal(isStarted);
    }
  });

  it('have no fault that shellcheck knows', function () {
    skipWithout(this, 'shellcheck');
    const others = ['.ci/run', 'test/support/fake-docker.sh'].map((name) => join(PROJECT_ROOT, name));
    const words = ['--external-sources', '--source-path=SCRIPTDIR', ...SCRIPTS, ...others];
    expect(run('shellcheck', words, { cwd: DOCKER }).all).to.equal('');
  });
});

describe('docker: make-secrets.sh', () => {
  let stack: string;
  const make = (...names: string[]) => run(join(stack, 'make-secrets.sh'), names);
  const openssl = (...words: string[]) => run('openssl', words, { cwd: join(stack, 'generated') });
  const certificate = () => readFileSync(join(stack, 'generated/certs/server.crt'), 'utf8');

  /** Every file that it made, with its content. */
  function everything(): Map<string, string> {
    const made = readdirSync(join(stack, 'generated'), { recursive: true, encoding: 'utf8' })
      .map((name) => join('generated', name))
      .filter((name) => statSync(join(stack, name)).isFile());
    return new Map(['.env', ...made].map((name) => [name, readFileSync(join(stack, name), 'utf8')]));
  }

  before(function () {
    skipWithout(this, 'openssl');
  });
  beforeEach(() => {
    stack = copyOfStack();
    expect(make('tpedm.example.com', '10.0.0.5', '2001:db8::5')).to.have.property('status', 0);
  });

  it('makes secrets that are long, and no two alike', () => {
    const values = [
      ...everything()
        .get('.env')!
        .matchAll(/^\w+(?:PASSWORD|SECRET|TOKEN|COOKIE)=(.*)$/gm),
    ].map(([, value]) => value);
    expect(values).to.have.length(11);
    expect(new Set(values)).to.have.property('size', 11);
    for (const value of values) expect(value).to.match(/^[0-9a-f]{24,}$/);
  });

  it('keeps all of them when it runs again', () => {
    const before = everything();
    expect(make()).to.deep.include({ status: 0, stdout: '' });
    expect(everything()).to.deep.equal(before);
  });

  it('makes what is missing, and leaves what was changed by hand', () => {
    const password = secretOf(stack, 'TPE_ADMIN_PASSWORD');
    const env = readFileSync(join(stack, '.env'), 'utf8');
    writeFileSync(
      join(stack, '.env'),
      env
        .replace(/^TPE_WEBHOOK_SECRET=.*$/m, 'TPE_WEBHOOK_SECRET=of-my-own_~.')
        .replace(/^TPE_API_TOKEN=.*\n/m, ''),
    );
    expect(make()).to.have.property('status', 0);
    expect(secretOf(stack, 'TPE_ADMIN_PASSWORD')).to.equal(password);
    expect(secretOf(stack, 'TPE_API_TOKEN')).to.have.length(48);
    expect(everything().get('generated/emqx/base.hocon')).to.contain('"Bearer of-my-own_~."');
  });

  it('turns the rules that post webhooks off where events come by MQTT', () => {
    const rules = () =>
      [
        ...everything()
          .get('generated/emqx/base.hocon')!
          .matchAll(/^rule_engine\.rules\.\w+ \{\n {2}enable = (\w+)/gm),
      ].map(([, isOn]) => isOn);
    expect(rules()).to.deep.equal(['true', 'true', 'true']);
    const env = readFileSync(join(stack, '.env'), 'utf8');
    writeFileSync(join(stack, '.env'), `${env}TPE_EVENTS=mqtt\n`);
    expect(make()).to.have.property('status', 0);
    expect(rules()).to.deep.equal(['false', 'false', 'false']);
    writeFileSync(join(stack, '.env'), `${env}TPE_EVENTS=both\n`);
    expect(make()).to.have.property('status', 1);
    writeFileSync(join(stack, '.env'), env);
    expect(make()).to.have.property('status', 0);
    expect(rules()).to.deep.equal(['true', 'true', 'true']);
  });

  it('gives Node-RED a secret that comes from elsewhere, or is there for a while, as long as there is one', () => {
    const env = readFileSync(join(stack, '.env'), 'utf8');
    for (const name of ['TPE_OIDC_CLIENT_SECRET', 'TPE_WEBHOOK_SECRET_PREVIOUS']) {
      const file = join(stack, 'generated/node-red', name);
      writeFileSync(join(stack, '.env'), `${env}${name}=from-somewhere\n`);
      expect(make()).to.have.property('status', 0);
      expect(readFileSync(file, 'utf8')).to.equal('from-somewhere\n');
      expect(secretOf(stack, `${name}_FILE`)).to.equal(`/run/secrets/tpedm/${name}`);
      writeFileSync(join(stack, '.env'), env);
      expect(make()).to.have.property('status', 0);
      expect(existsSync(file)).to.equal(false);
      expect(readFileSync(join(stack, '.env'), 'utf8')).not.to.contain('/run/secrets');
    }
  });

  it('refuses a secret that would break a file, by its name and without showing it', () => {
    const env = readFileSync(join(stack, '.env'), 'utf8');
    for (const wrong of ['a"b', 'a b', `\${x}`, "a'b", 'a/b', 'a#b']) {
      writeFileSync(join(stack, '.env'), env.replace(/^EMQX_API_SECRET=.*$/m, `EMQX_API_SECRET=x${wrong}y`));
      const { status, all } = make();
      expect(status, wrong).to.equal(1);
      expect(all).to.contain('EMQX_API_SECRET').and.not.to.contain(wrong);
    }
  });

  it('lets nobody else read what it made', () => {
    for (const name of everything().keys()) {
      expect(statSync(join(stack, name)).mode & 0o077, name).to.equal(0);
    }
    expect(statSync(join(stack, 'generated')).mode & 0o077).to.equal(0);
    if (process.getuid?.() !== 0) return;
    expect(statSync(join(stack, 'generated/certs/server.key')).uid).to.equal(1000);
    // The authority is root's alone, also where an earlier version had given it to the containers' user.
    chownSync(join(stack, 'generated/ca/ca.key'), 1000, 1000);
    expect(make()).to.have.property('status', 0);
    for (const name of ['generated/ca', 'generated/ca/ca.key']) {
      const { uid, gid, mode } = statSync(join(stack, name));
      expect([uid, gid, mode & 0o077], name).to.deep.equal([0, 0, 0]);
    }
  });

  it('leaves no place in a template empty', () => {
    for (const [name, content] of everything()) expect(content, name).not.to.match(/@[A-Z_]+@/);
  });

  it('makes a certificate that its authority vouches for, for exactly the names given', () => {
    const verified = openssl(
      'verify',
      '-CAfile',
      'certs/ca.crt',
      '-x509_strict',
      '-purpose',
      'sslserver',
      'certs/server.crt',
    );
    expect(verified).to.deep.include({ status: 0, stdout: 'certs/server.crt: OK\n' });
    const names = openssl('x509', '-in', 'certs/server.crt', '-noout', '-ext', 'subjectAltName').stdout;
    expect(names.match(/(?:DNS|IP Address):[^,\s]+/g)).to.deep.equal([
      'DNS:tpedm.example.com',
      'IP Address:10.0.0.5',
      'IP Address:2001:DB8:0:0:0:0:0:5',
    ]);
    const key = openssl('pkey', '-in', 'certs/server.key', '-pubout').stdout;
    expect(openssl('x509', '-in', 'certs/server.crt', '-noout', '-pubkey').stdout).to.equal(key);
  });

  it('makes another certificate for other names, from the same authority', () => {
    const [before, authority] = [certificate(), everything().get('generated/certs/ca.crt')];
    expect(make('other.example.com')).to.have.property('status', 0);
    expect(certificate()).not.to.equal(before);
    expect(everything().get('generated/certs/ca.crt')).to.equal(authority);
    expect(
      openssl(
        'verify',
        '-CAfile',
        'certs/ca.crt',
        '-verify_hostname',
        'other.example.com',
        'certs/server.crt',
      ),
    ).to.have.property('status', 0);
  });

  it("never touches a certificate of somebody else's authority", () => {
    const folder = temporaryFolder();
    const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=theirs`;
    execFileSync(
      'openssl',
      [
        ...words.split(' '),
        '-keyout',
        join(stack, 'generated/certs/server.key'),
        '-out',
        join(stack, 'generated/certs/server.crt'),
      ],
      { cwd: folder, stdio: 'pipe' },
    );
    const theirs = certificate();
    const { status, stderr } = make('other.example.com');
    expect(status).to.equal(0);
    expect(stderr).to.contain('stays as it is');
    expect(certificate()).to.equal(theirs);
  });

  it('refuses what is no name of a machine', () => {
    for (const name of ['*', 'a,DNS:evil', 'a;b', `\${x}`]) {
      expect(make(name), name).to.have.property('status', 1);
    }
  });
});

describe('docker: install.sh', () => {
  const install = (stack: string, words: string[], options: object = {}) =>
    run(join(stack, 'install.sh'), words, options);

  it('says what it would do, and does nothing', () => {
    const stack = copyOfStack();
    const before = readdirSync(stack).toSorted();
    const { status, stdout } = install(stack, ['--dry-run', '--plain-mqtt', 'tpedm.example.com']);
    expect(status).to.equal(0);
    expect(stdout).to.match(/would run: .*make-secrets\.sh tpedm\.example\.com\n/);
    expect(stdout).to.contain('would set: COMPOSE_FILE=compose.yaml:compose.plain-mqtt.yaml');
    expect(stdout).to.match(/would run: compose build.*\n.*would run: compose up --detach/);
    expect(stdout).to.match(/would wait until these are healthy: postgres node-red emqx nginx\n$/);
    expect(readdirSync(stack).toSorted()).to.deep.equal(before);
  });

  it('says how to get Docker where it is missing', () => {
    const stack = copyOfStack();
    // Nothing is on this path but what the script needs before it looks for Docker.
    const path = temporaryFolder();
    for (const name of ['bash', 'dirname', 'id', 'sed', 'openssl', 'apt-cache']) {
      const { stdout } = run('/bin/sh', ['-c', 'command -v "$0"', name]);
      if (stdout !== '') execFileSync('ln', ['-s', stdout.trim(), join(path, name)]);
    }
    const bare = { env: { PATH: path } };
    expect(install(stack, ['--dry-run'], bare).stderr).to.match(
      /Docker with Compose is missing.*--with-docker/,
    );
    const { stdout } = install(stack, ['--dry-run', '--with-docker'], bare);
    expect(stdout).to.match(/would run: apt-get install --yes docker\.io docker-compose/);
  });

  it('takes nothing away but what it made, and data only when told', () => {
    const stack = copyOfStack();
    const without = install(stack, ['--dry-run', '--uninstall']);
    expect(without.stdout).to.equal('would run: compose down --remove-orphans --rmi local\n');
    const purge = install(stack, ['--dry-run', '--uninstall', '--purge-data']);
    expect(purge.stdout)
      .to.contain('compose down --remove-orphans --rmi local --volumes')
      .and.to.contain('generated');
    expect(install(stack, ['--purge-data'])).to.have.property('status', 1);
  });

  it('asks before it deletes data, and takes nothing but the whole sentence for a yes', () => {
    const stack = copyOfStack();
    writeFileSync(join(stack, '.env'), '');
    for (const input of ['', 'y\n', 'yes\n', 'delete\n']) {
      const { status, stderr } = install(stack, ['--uninstall', '--purge-data'], { input });
      expect(status, input).to.equal(1);
      expect(stderr).to.match(/This deletes all gateways.*Nothing has been changed\.\n$/s);
      expect(readdirSync(stack)).to.include('.env');
    }
  });

  it('explains itself, and refuses words that it does not know', () => {
    expect(install(DOCKER, ['--help']).stdout).to.match(/--uninstall.*\n.*certificate/s);
    expect(install(DOCKER, ['--what'])).to.deep.include({
      status: 1,
      stderr: '--what is not known: ./install.sh --help\n',
    });
    expect(install(copyOfStack(), ['--status'])).to.deep.include({
      status: 1,
      stderr: 'Nothing is installed here.\n',
    });
  });
});

describe('docker: git', () => {
  it('has no secret in it, and would take none', () => {
    const tracked = run('git', ['ls-files', 'docker'], { cwd: PROJECT_ROOT }).stdout.split('\n');
    expect(
      tracked.filter((name) => /\/\.env|generated|backups|\.(?:key|crt|pem|p12)$/.test(name)),
    ).to.deep.equal([]);
    for (const name of [
      '.env',
      '.env.new',
      'generated/ca/ca.key',
      'generated/emqx/base.hocon',
      'backups/x/secrets.tar.gz',
    ]) {
      expect(run('git', ['check-ignore', `docker/${name}`], { cwd: PROJECT_ROOT }), name).to.have.property(
        'status',
        0,
      );
    }
    for (const name of tracked.filter((one) => one !== '')) {
      const text = readFileSync(join(PROJECT_ROOT, name), 'utf8');
      expect(text, name).not.to.match(/PRIVATE KEY|\b[0-9a-f]{40,}\b/);
    }
  });

  it('is what npm publishes, without what was made here', () => {
    // In a copy without scripts: some npm builds before it packs, told to or not, under the feet of other tests.
    const copy = temporaryFolder();
    const isOwn = (path: string) => !['.git', 'node_modules', 'coverage', 'data'].includes(basename(path));
    cpSync(PROJECT_ROOT, copy, { recursive: true, filter: isOwn });
    const { scripts: _scripts, ...rest } = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8')) as {
      scripts: object;
    };
    writeFileSync(join(copy, 'package.json'), JSON.stringify(rest));
    const [packed] = JSON.parse(run('npm', ['pack', '--dry-run', '--json'], { cwd: copy }).stdout) as [
      { files: { path: string }[] },
    ];
    const names = packed.files.map(({ path }) => path);
    expect(names).to.include.members(['docker/compose.yaml', 'docker/install.sh', 'docker/emqx/acl.conf']);
    expect(names.filter((name) => /docker\/(\.env|generated|backups)/.test(name))).to.deep.equal([]);
  });
});
