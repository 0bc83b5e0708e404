import type { Role } from './role.js';

/** Who is signed in. */
export interface Account {
  name: string;
  fullName: string;
  role: Role;
}
