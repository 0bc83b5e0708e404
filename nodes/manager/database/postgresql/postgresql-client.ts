import pg from 'pg';

/**
 * A connection to PostgreSQL whose socket ends with the first error of the connection. pg itself leaves the socket open where it gives up
 * before the server does, as for a URL without a password: each try would keep a place on the server for a minute, and DROP DATABASE waits
 * for it.
 */
export class PostgresqlClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.connection.once('error', () => this.connection.stream.destroy());
  }
}
