import { ChecksumError, DataError, NotFoundError } from './errors';

/** An error as a message between threads, where it would lose its class. */
export interface Failure {
  readonly name: string;
  readonly message: string;
}

/** Those that reading an image throws. */
const classes: Readonly<Record<string, typeof DataError>> = { ChecksumError, NotFoundError };

/** What a thread tells of its error. */
export const failureOf = ({ name, message }: DataError): Failure => ({ name, message });

/** The error, of its own class again. */
export const errorOf = ({ name, message }: Failure): DataError => new (classes[name] ?? DataError)(message);
