/* Written by widgets/generate_model.py from cotrace.model: do not edit. */

/** What happened at a step, in the order in which columns number them. */
export const EVENTS = ["start", "line", "yield", "resume", "raise", "return", "unwind"] as const;

export type EventKind = (typeof EVENTS)[number];

export type FrameKind =
  | "globals"
  | "module"
  | "function"
  | "class"
  | "generator"
  | "coroutine"
  | "async_generator"
  | "block";

export type OutcomeKind =
  | "returned"
  | "raised"
  | "stopped"
  | "interrupted"
  | "exited"
  | "killed"
  | "recording";

export type ObjectKind =
  | "list"
  | "tuple"
  | "set"
  | "frozenset"
  | "deque"
  | "dict"
  | "instance"
  | "exception"
  | "class"
  | "function"
  | "module"
  | "generator"
  | "array"
  | "opaque";

/** A value shown in place: a number, a string, None, or a standard-library value whose repr is safe. */
export interface Atom {
  readonly kind: "atom";
  readonly type: string;
  readonly text: string;
  readonly length: number;
}

/** A reference to the heap object with this number, shown as o1, o2 ... */
export interface Ref {
  readonly kind: "ref";
  readonly id: number;
}

export type Value = Atom | Ref;

/** One object by identity, as it was at one moment, within the capture limits. */
export interface HeapObject {
  readonly id: number;
  readonly kind: ObjectKind;
  readonly type: string;
  readonly elements: readonly Value[];
  readonly entries: readonly (readonly [Value, Value])[];
  readonly attributes: readonly (readonly [string, Value])[];
  readonly length: number;
  readonly positions: readonly number[] | null;
  readonly cut: string;
  readonly text: string;
}
