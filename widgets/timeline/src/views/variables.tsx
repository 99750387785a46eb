/**
 * Frames and variables: the stack, innermost first, each variable with its value, what this step changed, and which
 * names share one object. Values open into a tree, a hundred parts at a time.
 */

import { grouped } from "../counting";
import type { FrameShown, Moment, Variable } from "../moment";
import type { Store } from "../store";
import type { Ref, Value } from "../model";
import { childCount, childrenOf, isUnfoldable, show, type Child } from "../values";
import { Chosen } from "./chosen";
import { Icon } from "./icons";
import { shortened } from "./text";

/** The panel "Variables", with the chosen one below. */
export function Variables({ store }: { store: Store }) {
  const moment = store.moment.value;
  return (
    <>
      <section class="panel fill" tabIndex={0} role="region" aria-label="Frames and variables" aria-busy={!moment.isReady}>
        <h3>
          Variables <span>{moment.atEnd ? "at the end" : "before this line runs"}</span>
        </h3>
        {moment.frames.map((frame, place) => (
          <FrameBox key={frame.key} store={store} moment={moment} frame={frame} innermost={place === 0} />
        ))}
        {moment.frames.length === 0 && <p class="empty">No frame is there.</p>}
      </section>
      <Chosen store={store} />
    </>
  );
}

function FrameBox({ store, moment, frame, innermost }: { store: Store; moment: Moment; frame: FrameShown; innermost: boolean }) {
  const isOpen = store.isFrameOpen(frame, innermost);
  const areToolsOpen = store.isOpen(`${frame.openKey}/`);
  const isHidden = (variable: Variable) => variable.isTool && variable.change === "" && !store.choosing.isChosen(frame.id, variable.name);
  const tools = frame.variables.filter(isHidden);
  const shown = areToolsOpen ? frame.variables : frame.variables.filter((variable) => !isHidden(variable));
  return (
    <div class="frame">
      <button type="button" class="plain" aria-expanded={isOpen} onClick={() => store.toggleFrame(frame, innermost)}>
        <span class="twist"><Icon name="right" /></span>
        <span class="name">{shortened(frame.name, 80)}</span>
        <span class="where">{frame.where}</span>
        {!isOpen && <span class="brief">{briefOf(frame)}</span>}
        {!isOpen && frame.hasChanges && <span class="mark">● changed</span>}
      </button>
      {isOpen && (
        <div class="tree">
          {shown.map((variable) => (
            <VariableRow key={variable.name} store={store} moment={moment} frame={frame} variable={variable} />
          ))}
          {tools.length > 0 && <Defined store={store} frame={frame} tools={tools} />}
          {frame.variables.length === 0 && <p class="empty">{moment.isReady ? "no variables yet" : store.problem.value ? "not to be had" : "reading…"}</p>}
        </div>
      )}
    </div>
  );
}

/** The first variables of a closed frame, so that one activation can be told from another. */
function briefOf(frame: FrameShown): string {
  const shown = frame.variables.filter((variable) => !variable.isTool && variable.value).slice(0, 3);
  return shown.map((variable) => `${shortened(variable.name, 30)}=${variable.text.length > 24 ? `${variable.text.slice(0, 23)}…` : variable.text}`).join("  ");
}

/** Functions, classes and modules, by name: their values say nothing that the name doesn't. */
function Defined({ store, frame, tools }: { store: Store; frame: FrameShown; tools: readonly Variable[] }) {
  const isOpen = store.isOpen(`${frame.openKey}/`);
  return (
    <button type="button" class="plain defined" aria-expanded={isOpen} onClick={() => store.toggleOpen(`${frame.openKey}/`)}>
      {isOpen ? "hide" : "also"} {tools.slice(0, 12).map((tool) => shortened(tool.name, 30)).join(", ")}{tools.length > 12 ? " …" : ""}
    </button>
  );
}

function VariableRow({ store, moment, frame, variable }: { store: Store; moment: Moment; frame: FrameShown; variable: Variable }) {
  const path = `${frame.openKey}/${variable.name}`;
  const isChosen = store.choosing.isChosen(frame.id, variable.name);
  const name = shortened(variable.name, 60);
  const { value } = variable;
  const classes = ["var", variable.change && "changed", isChosen && "chosen"].filter(Boolean).join(" ");
  return (
    <>
      <div class={classes} onClick={() => store.choosing.choose(frame.id, variable.name)}>
        <Twist store={store} moment={moment} value={value} path={path} name={name} />
        <button
          type="button" class="plain name" aria-pressed={isChosen} title={`Choose ${name}: its changes and history`}
          onClick={(event) => {
            event.stopPropagation();
            store.choosing.choose(frame.id, variable.name);
          }}
        >
          {name}
        </button>
        <span class="eq">=</span>
        {value === undefined
          ? <span class="value waiting">{variable.change === "gone" ? "deleted" : "…"}</span>
          : <ValueText moment={moment} value={value} text={variable.text} />}
        {variable.change && <span class="mark">{MARKS[variable.change]}</span>}
        {variable.was && <span class="was">was {variable.was}</span>}
        {value !== undefined && <Badge moment={moment} value={value} except={variable.way} />}
      </div>
      {value !== undefined && <Parts store={store} moment={moment} value={value} path={path} way={variable.way} level={1} inside={[]} />}
    </>
  );
}

const MARKS = { new: "+ new", changed: "● changed", inside: "◐ changed inside", gone: "− gone", "": "" } as const;

function Twist({ store, moment, value, path, name }: {
  store: Store; moment: Moment; value: Value | undefined; path: string; name: string;
}) {
  if (value === undefined || !isUnfoldable(value, moment.heap)) return <span class="twist" />;
  const isOpen = store.isOpen(path);
  return (
    <button
      type="button" class="plain" aria-expanded={isOpen} aria-label={`${isOpen ? "Close" : "Open"} ${name}`}
      onClick={(event) => {
        event.stopPropagation();
        store.toggleOpen(path);
      }}
    >
      <span class="twist"><Icon name="right" /></span>
    </button>
  );
}

function ValueText({ moment, value, text }: { moment: Moment; value: Value; text?: string }) {
  const shown = text ?? show(value, moment.heap);
  return <span class={`value ${isRef(value) ? "v-ref" : `v-${value.type}`}`} title={shown.length > 24 ? shown : undefined}>{shown}</span>;
}

/** The object's number, and the other names that reach it. */
function Badge({ moment, value, except }: { moment: Moment; value: Value; except: string }) {
  if (!isRef(value) || !moment.isShared(value.id)) return null;
  const others = moment.waysTo(value.id).filter((way) => way !== except);
  if (others.length === 0) return null;
  const names = others.slice(0, 3).map((way) => shortened(way, 30)).join(", ");
  const also = `also ${names}${others.length > 3 ? ` and ${others.length - 3} more` : ""}`;
  return <span class="badge shared" title={`One object, o${value.id}: ${also}`}>o{value.id} {also}</span>;
}

/** What an open value holds, a page at a time. An object inside itself is named, not opened again. */
function Parts({ store, moment, value, path, way, level, inside }: {
  store: Store; moment: Moment; value: Value; path: string; way: string; level: number; inside: readonly number[];
}) {
  if (!isRef(value) || !store.isOpen(path)) return null;
  const most = store.pagesOf(path) * PAGE;
  const missing = childCount(value, moment.heap) - most;
  const indent = { paddingInlineStart: `${level * 1.6}ch` };
  return (
    <>
      {childrenOf(value, moment.heap, 0, most).map((child, place) => (
        <PartRow
          key={`${place} ${child.label}`} store={store} moment={moment} child={child} level={level}
          path={`${path}/${child.label}`} way={`${way}${stepTo(child.label)}`} inside={[...inside, value.id]}
        />
      ))}
      {missing > 0 && (
        <div style={indent}>
          <button type="button" class="plain more" onClick={() => store.showMore(path)}>
            {grouped(missing)} more: show {Math.min(missing, PAGE)}
          </button>
        </div>
      )}
    </>
  );
}

const PAGE = 100;

function isRef(value: Value): value is Ref {
  return value.kind === "ref";
}

/** How the program would go from an object to the part with this label. */
function stepTo(label: string): string {
  return label.startsWith(".") || label.startsWith("[") ? label : `[${label}]`;
}

function PartRow({ store, moment, child, level, path, way, inside }: {
  store: Store; moment: Moment; child: Child; level: number; path: string; way: string; inside: readonly number[];
}) {
  const { value } = child;
  const indent = { paddingInlineStart: `${level * 1.6}ch` };
  if (value === null) return <div class="empty" style={indent}>{child.remark}</div>;
  const isInside = isRef(value) && inside.includes(value.id);
  const label = shortened(child.label, 60);
  return (
    <>
      <div class="var" style={indent}>
        {isInside ? <span class="twist" /> : <Twist store={store} moment={moment} value={value} path={path} name={label} />}
        <span class="name">{label}</span>
        <span class="eq">=</span>
        {isInside ? <span class="value waiting">o{value.id}, which it is in</span> : <ValueText moment={moment} value={value} />}
        <Badge moment={moment} value={value} except={way} />
      </div>
      {!isInside && <Parts store={store} moment={moment} value={value} path={path} way={way} level={level + 1} inside={inside} />}
    </>
  );
}
