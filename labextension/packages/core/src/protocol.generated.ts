// Written by `python -m tsviz.protocol.codegen` from tsviz/protocol. Do not edit.

import {
  asBoolean,
  asColumn,
  asDictionary,
  asInteger,
  asIntegers,
  asIs,
  asList,
  asNullable,
  asNumber,
  asRecord,
  asString,
  asStrings,
  type Blob,
  type Column,
  type Decoder,
} from "./protocol";

export const PROTOCOL = 1;

export interface PackedLines {
  readonly rows: number;
  readonly block_rows: number;
  readonly blocks_at: Column;
  readonly blocks: Column;
}

export function decodePackedLines(raw: unknown, path: string, blob: Blob): PackedLines {
  const o = asRecord(raw, path, blob);
  return {
    rows: asInteger(o["rows"], `${path}.rows`, blob),
    block_rows: asInteger(o["block_rows"], `${path}.block_rows`, blob),
    blocks_at: asColumn(o["blocks_at"], `${path}.blocks_at`, blob),
    blocks: asColumn(o["blocks"], `${path}.blocks`, blob),
  };
}

export interface SourceFilePayload {
  readonly path: string;
  readonly title: string;
  readonly origin: string;
  readonly digest: string;
  readonly library: boolean;
  readonly text: PackedLines;
}

export function decodeSourceFilePayload(raw: unknown, path: string, blob: Blob): SourceFilePayload {
  const o = asRecord(raw, path, blob);
  return {
    path: asString(o["path"], `${path}.path`, blob),
    title: asString(o["title"], `${path}.title`, blob),
    origin: asString(o["origin"], `${path}.origin`, blob),
    digest: asString(o["digest"], `${path}.digest`, blob),
    library: asBoolean(o["library"], `${path}.library`, blob),
    text: decodePackedLines(o["text"], `${path}.text`, blob),
  };
}

export interface FramesPayload {
  readonly file: Column;
  readonly line: Column;
  readonly col: Column;
  readonly end_line: Column;
  readonly end_col: Column;
  readonly function: Column;
  readonly caller: Column;
}

export function decodeFramesPayload(raw: unknown, path: string, blob: Blob): FramesPayload {
  const o = asRecord(raw, path, blob);
  return {
    file: asColumn(o["file"], `${path}.file`, blob),
    line: asColumn(o["line"], `${path}.line`, blob),
    col: asColumn(o["col"], `${path}.col`, blob),
    end_line: asColumn(o["end_line"], `${path}.end_line`, blob),
    end_col: asColumn(o["end_col"], `${path}.end_col`, blob),
    function: asColumn(o["function"], `${path}.function`, blob),
    caller: asColumn(o["caller"], `${path}.caller`, blob),
  };
}

export interface NodesPayload {
  readonly id: Column;
  readonly change: Column;
  readonly op: Column;
  readonly schema: Column;
  readonly attributes: Column;
  readonly role: Column;
  readonly block: Column;
  readonly container: Column;
  readonly how: Column;
  readonly frame: Column;
  readonly model: Column;
  readonly own: Column;
  readonly reason: Column;
  readonly text_line: Column;
  readonly text_end: Column;
  readonly inputs_at: Column;
  readonly inputs: Column;
  readonly outputs_at: Column;
  readonly outputs: Column;
  readonly flops: Column;
}

export function decodeNodesPayload(raw: unknown, path: string, blob: Blob): NodesPayload {
  const o = asRecord(raw, path, blob);
  return {
    id: asColumn(o["id"], `${path}.id`, blob),
    change: asColumn(o["change"], `${path}.change`, blob),
    op: asColumn(o["op"], `${path}.op`, blob),
    schema: asColumn(o["schema"], `${path}.schema`, blob),
    attributes: asColumn(o["attributes"], `${path}.attributes`, blob),
    role: asColumn(o["role"], `${path}.role`, blob),
    block: asColumn(o["block"], `${path}.block`, blob),
    container: asColumn(o["container"], `${path}.container`, blob),
    how: asColumn(o["how"], `${path}.how`, blob),
    frame: asColumn(o["frame"], `${path}.frame`, blob),
    model: asColumn(o["model"], `${path}.model`, blob),
    own: asColumn(o["own"], `${path}.own`, blob),
    reason: asColumn(o["reason"], `${path}.reason`, blob),
    text_line: asColumn(o["text_line"], `${path}.text_line`, blob),
    text_end: asColumn(o["text_end"], `${path}.text_end`, blob),
    inputs_at: asColumn(o["inputs_at"], `${path}.inputs_at`, blob),
    inputs: asColumn(o["inputs"], `${path}.inputs`, blob),
    outputs_at: asColumn(o["outputs_at"], `${path}.outputs_at`, blob),
    outputs: asColumn(o["outputs"], `${path}.outputs`, blob),
    flops: asColumn(o["flops"], `${path}.flops`, blob),
  };
}

export interface ValuesPayload {
  readonly name: Column;
  readonly type: Column;
  readonly observed: Column;
  readonly node: Column;
  readonly block: Column;
}

export function decodeValuesPayload(raw: unknown, path: string, blob: Blob): ValuesPayload {
  const o = asRecord(raw, path, blob);
  return {
    name: asColumn(o["name"], `${path}.name`, blob),
    type: asColumn(o["type"], `${path}.type`, blob),
    observed: asColumn(o["observed"], `${path}.observed`, blob),
    node: asColumn(o["node"], `${path}.node`, blob),
    block: asColumn(o["block"], `${path}.block`, blob),
  };
}

export interface BlocksPayload {
  readonly node: Column;
  readonly label: Column;
  readonly params_at: Column;
  readonly params: Column;
  readonly returns_at: Column;
  readonly returns: Column;
}

export function decodeBlocksPayload(raw: unknown, path: string, blob: Blob): BlocksPayload {
  const o = asRecord(raw, path, blob);
  return {
    node: asColumn(o["node"], `${path}.node`, blob),
    label: asColumn(o["label"], `${path}.label`, blob),
    params_at: asColumn(o["params_at"], `${path}.params_at`, blob),
    params: asColumn(o["params"], `${path}.params`, blob),
    returns_at: asColumn(o["returns_at"], `${path}.returns_at`, blob),
    returns: asColumn(o["returns"], `${path}.returns`, blob),
  };
}

export interface ContainersPayload {
  readonly parent: Column;
  readonly kind: Column;
  readonly label: Column;
  readonly detail: Column;
  readonly path: Column;
  readonly module: Column;
  readonly node: Column;
  readonly frame: Column;
  readonly alike: Column;
  readonly open: Column;
}

export function decodeContainersPayload(raw: unknown, path: string, blob: Blob): ContainersPayload {
  const o = asRecord(raw, path, blob);
  return {
    parent: asColumn(o["parent"], `${path}.parent`, blob),
    kind: asColumn(o["kind"], `${path}.kind`, blob),
    label: asColumn(o["label"], `${path}.label`, blob),
    detail: asColumn(o["detail"], `${path}.detail`, blob),
    path: asColumn(o["path"], `${path}.path`, blob),
    module: asColumn(o["module"], `${path}.module`, blob),
    node: asColumn(o["node"], `${path}.node`, blob),
    frame: asColumn(o["frame"], `${path}.frame`, blob),
    alike: asColumn(o["alike"], `${path}.alike`, blob),
    open: asColumn(o["open"], `${path}.open`, blob),
  };
}

export interface GraphPayload {
  readonly name: string;
  readonly kind: string;
  readonly text: PackedLines;
  readonly nodes: NodesPayload;
  readonly values: ValuesPayload;
  readonly blocks: BlocksPayload;
  readonly containers: ContainersPayload;
}

export function decodeGraphPayload(raw: unknown, path: string, blob: Blob): GraphPayload {
  const o = asRecord(raw, path, blob);
  return {
    name: asString(o["name"], `${path}.name`, blob),
    kind: asString(o["kind"], `${path}.kind`, blob),
    text: decodePackedLines(o["text"], `${path}.text`, blob),
    nodes: decodeNodesPayload(o["nodes"], `${path}.nodes`, blob),
    values: decodeValuesPayload(o["values"], `${path}.values`, blob),
    blocks: decodeBlocksPayload(o["blocks"], `${path}.blocks`, blob),
    containers: decodeContainersPayload(o["containers"], `${path}.containers`, blob),
  };
}

export interface ModulePayload {
  readonly path: string;
  readonly type_name: string;
  readonly parent: number;
  readonly parameters: number;
  readonly bytes: number;
  readonly flops: number | null;
  readonly training: boolean;
}

export function decodeModulePayload(raw: unknown, path: string, blob: Blob): ModulePayload {
  const o = asRecord(raw, path, blob);
  return {
    path: asString(o["path"], `${path}.path`, blob),
    type_name: asString(o["type_name"], `${path}.type_name`, blob),
    parent: asInteger(o["parent"], `${path}.parent`, blob),
    parameters: asInteger(o["parameters"], `${path}.parameters`, blob),
    bytes: asInteger(o["bytes"], `${path}.bytes`, blob),
    flops: asNullable(asNumber)(o["flops"], `${path}.flops`, blob),
    training: asBoolean(o["training"], `${path}.training`, blob),
  };
}

export interface WeightPayload {
  readonly name: string;
  readonly kind: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly stats: WeightStats | null;
}

export function decodeWeightPayload(raw: unknown, path: string, blob: Blob): WeightPayload {
  const o = asRecord(raw, path, blob);
  return {
    name: asString(o["name"], `${path}.name`, blob),
    kind: asString(o["kind"], `${path}.kind`, blob),
    dtype: asString(o["dtype"], `${path}.dtype`, blob),
    shape: asIntegers(o["shape"], `${path}.shape`, blob),
    bytes: asInteger(o["bytes"], `${path}.bytes`, blob),
    stats: asNullable(decodeWeightStats)(o["stats"], `${path}.stats`, blob),
  };
}

export interface WeightStats {
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  readonly std: number;
  readonly zeros: number;
  readonly not_finite: number;
  readonly histogram: readonly number[];
}

export function decodeWeightStats(raw: unknown, path: string, blob: Blob): WeightStats {
  const o = asRecord(raw, path, blob);
  return {
    minimum: asNumber(o["minimum"], `${path}.minimum`, blob),
    maximum: asNumber(o["maximum"], `${path}.maximum`, blob),
    mean: asNumber(o["mean"], `${path}.mean`, blob),
    std: asNumber(o["std"], `${path}.std`, blob),
    zeros: asInteger(o["zeros"], `${path}.zeros`, blob),
    not_finite: asInteger(o["not_finite"], `${path}.not_finite`, blob),
    histogram: asIntegers(o["histogram"], `${path}.histogram`, blob),
  };
}

export interface CodeLine {
  readonly text: string;
  readonly nodes: readonly number[];
}

export function decodeCodeLine(raw: unknown, path: string, blob: Blob): CodeLine {
  const o = asRecord(raw, path, blob);
  return {
    text: asString(o["text"], `${path}.text`, blob),
    nodes: asIntegers(o["nodes"], `${path}.nodes`, blob),
  };
}

export interface Capabilities {
  readonly weights: boolean;
  readonly observe: boolean;
  readonly save_html: boolean;
  readonly passes: boolean;
  readonly compare: boolean;
  readonly debug: boolean;
  readonly profile: boolean;
  readonly pipelines: readonly string[];
  readonly reasons: Readonly<Record<string, string>>;
  readonly variants: Readonly<Record<string, string>>;
}

export function decodeCapabilities(raw: unknown, path: string, blob: Blob): Capabilities {
  const o = asRecord(raw, path, blob);
  return {
    weights: asBoolean(o["weights"], `${path}.weights`, blob),
    observe: asBoolean(o["observe"], `${path}.observe`, blob),
    save_html: asBoolean(o["save_html"], `${path}.save_html`, blob),
    passes: asBoolean(o["passes"], `${path}.passes`, blob),
    compare: asBoolean(o["compare"], `${path}.compare`, blob),
    debug: asBoolean(o["debug"], `${path}.debug`, blob),
    profile: asBoolean(o["profile"], `${path}.profile`, blob),
    pipelines: asStrings(o["pipelines"], `${path}.pipelines`, blob),
    reasons: asDictionary(asString)(o["reasons"], `${path}.reasons`, blob),
    variants: asDictionary(asString)(o["variants"], `${path}.variants`, blob),
  };
}

export interface Document {
  readonly schema: number;
  readonly title: string;
  readonly variant: string;
  readonly method: string;
  readonly source: string;
  readonly banner: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly strings: readonly string[];
  readonly files: readonly SourceFilePayload[];
  readonly frames: FramesPayload;
  readonly graphs: readonly GraphPayload[];
  readonly modules: readonly ModulePayload[];
  readonly weights: PackedLines;
  readonly coverage: CoveragePayload;
  readonly diagnostics: readonly DiagnosticPayload[];
  readonly code: readonly CodeLine[];
  readonly passes: PassesPayload | null;
  readonly profile: ProfilePayload | null;
  readonly against: AgainstPayload | null;
  readonly sweep: SweepPayload | null;
  readonly variants: readonly VariantPayload[];
  readonly comparison: ComparisonPayload | null;
  readonly capabilities: Capabilities;
  readonly stepping: boolean;
}

export function decodeDocument(raw: unknown, path: string, blob: Blob): Document {
  const o = asRecord(raw, path, blob);
  return {
    schema: asInteger(o["schema"], `${path}.schema`, blob),
    title: asString(o["title"], `${path}.title`, blob),
    variant: asString(o["variant"], `${path}.variant`, blob),
    method: asString(o["method"], `${path}.method`, blob),
    source: asString(o["source"], `${path}.source`, blob),
    banner: asString(o["banner"], `${path}.banner`, blob),
    versions: asDictionary(asString)(o["versions"], `${path}.versions`, blob),
    strings: asStrings(o["strings"], `${path}.strings`, blob),
    files: asList(decodeSourceFilePayload)(o["files"], `${path}.files`, blob),
    frames: decodeFramesPayload(o["frames"], `${path}.frames`, blob),
    graphs: asList(decodeGraphPayload)(o["graphs"], `${path}.graphs`, blob),
    modules: asList(decodeModulePayload)(o["modules"], `${path}.modules`, blob),
    weights: decodePackedLines(o["weights"], `${path}.weights`, blob),
    coverage: decodeCoveragePayload(o["coverage"], `${path}.coverage`, blob),
    diagnostics: asList(decodeDiagnosticPayload)(o["diagnostics"], `${path}.diagnostics`, blob),
    code: asList(decodeCodeLine)(o["code"], `${path}.code`, blob),
    passes: asNullable(decodePassesPayload)(o["passes"], `${path}.passes`, blob),
    profile: asNullable(decodeProfilePayload)(o["profile"], `${path}.profile`, blob),
    against: asNullable(decodeAgainstPayload)(o["against"], `${path}.against`, blob),
    sweep: asNullable(decodeSweepPayload)(o["sweep"], `${path}.sweep`, blob),
    variants: asList(decodeVariantPayload)(o["variants"], `${path}.variants`, blob),
    comparison: asNullable(decodeComparisonPayload)(o["comparison"], `${path}.comparison`, blob),
    capabilities: decodeCapabilities(o["capabilities"], `${path}.capabilities`, blob),
    stepping: asBoolean(o["stepping"], `${path}.stepping`, blob),
  };
}

export interface PassPayload {
  readonly name: string;
  readonly stage: string;
  readonly run: number;
  readonly part: number;
  readonly graph: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly moved: number;
  readonly summary: string;
  readonly lesson: string;
  readonly words: readonly string[];
  readonly seconds: number | null;
  readonly is_checked: boolean;
  readonly failure: string;
  readonly gone: Column;
  readonly cause: Column;
  readonly heirs_at: Column;
  readonly heirs: Column;
  readonly made: Column;
  readonly action: Column;
  readonly exact: Column;
  readonly sources_at: Column;
  readonly sources: Column;
}

export function decodePassPayload(raw: unknown, path: string, blob: Blob): PassPayload {
  const o = asRecord(raw, path, blob);
  return {
    name: asString(o["name"], `${path}.name`, blob),
    stage: asString(o["stage"], `${path}.stage`, blob),
    run: asInteger(o["run"], `${path}.run`, blob),
    part: asInteger(o["part"], `${path}.part`, blob),
    graph: asInteger(o["graph"], `${path}.graph`, blob),
    added: asInteger(o["added"], `${path}.added`, blob),
    removed: asInteger(o["removed"], `${path}.removed`, blob),
    changed: asInteger(o["changed"], `${path}.changed`, blob),
    moved: asInteger(o["moved"], `${path}.moved`, blob),
    summary: asString(o["summary"], `${path}.summary`, blob),
    lesson: asString(o["lesson"], `${path}.lesson`, blob),
    words: asStrings(o["words"], `${path}.words`, blob),
    seconds: asNullable(asNumber)(o["seconds"], `${path}.seconds`, blob),
    is_checked: asBoolean(o["is_checked"], `${path}.is_checked`, blob),
    failure: asString(o["failure"], `${path}.failure`, blob),
    gone: asColumn(o["gone"], `${path}.gone`, blob),
    cause: asColumn(o["cause"], `${path}.cause`, blob),
    heirs_at: asColumn(o["heirs_at"], `${path}.heirs_at`, blob),
    heirs: asColumn(o["heirs"], `${path}.heirs`, blob),
    made: asColumn(o["made"], `${path}.made`, blob),
    action: asColumn(o["action"], `${path}.action`, blob),
    exact: asColumn(o["exact"], `${path}.exact`, blob),
    sources_at: asColumn(o["sources_at"], `${path}.sources_at`, blob),
    sources: asColumn(o["sources"], `${path}.sources`, blob),
  };
}

export interface RunPayload {
  readonly number: number;
  readonly seconds: number;
  readonly steps: number;
  readonly parts: number;
  readonly bailouts: number;
  readonly plan: number;
}

export function decodeRunPayload(raw: unknown, path: string, blob: Blob): RunPayload {
  const o = asRecord(raw, path, blob);
  return {
    number: asInteger(o["number"], `${path}.number`, blob),
    seconds: asNumber(o["seconds"], `${path}.seconds`, blob),
    steps: asInteger(o["steps"], `${path}.steps`, blob),
    parts: asInteger(o["parts"], `${path}.parts`, blob),
    bailouts: asInteger(o["bailouts"], `${path}.bailouts`, blob),
    plan: asInteger(o["plan"], `${path}.plan`, blob),
  };
}

export interface PartPayload {
  readonly number: number;
  readonly kind: string;
  readonly parent: number;
  readonly within: number;
  readonly graph: number;
  readonly travels: boolean;
}

export function decodePartPayload(raw: unknown, path: string, blob: Blob): PartPayload {
  const o = asRecord(raw, path, blob);
  return {
    number: asInteger(o["number"], `${path}.number`, blob),
    kind: asString(o["kind"], `${path}.kind`, blob),
    parent: asInteger(o["parent"], `${path}.parent`, blob),
    within: asInteger(o["within"], `${path}.within`, blob),
    graph: asInteger(o["graph"], `${path}.graph`, blob),
    travels: asBoolean(o["travels"], `${path}.travels`, blob),
  };
}

export interface PassesPayload {
  readonly pipeline: string;
  readonly records: readonly PassPayload[];
  readonly runs: readonly RunPayload[];
  readonly parts: readonly PartPayload[];
}

export function decodePassesPayload(raw: unknown, path: string, blob: Blob): PassesPayload {
  const o = asRecord(raw, path, blob);
  return {
    pipeline: asString(o["pipeline"], `${path}.pipeline`, blob),
    records: asList(decodePassPayload)(o["records"], `${path}.records`, blob),
    runs: asList(decodeRunPayload)(o["runs"], `${path}.runs`, blob),
    parts: asList(decodePartPayload)(o["parts"], `${path}.parts`, blob),
  };
}

export interface CoveragePayload {
  readonly nodes: number;
  readonly exact: number;
  readonly call: number;
  readonly inferred: number;
  readonly none: number;
  readonly lines: number;
  readonly top_share: number;
  readonly summary: string;
}

export function decodeCoveragePayload(raw: unknown, path: string, blob: Blob): CoveragePayload {
  const o = asRecord(raw, path, blob);
  return {
    nodes: asInteger(o["nodes"], `${path}.nodes`, blob),
    exact: asInteger(o["exact"], `${path}.exact`, blob),
    call: asInteger(o["call"], `${path}.call`, blob),
    inferred: asInteger(o["inferred"], `${path}.inferred`, blob),
    none: asInteger(o["none"], `${path}.none`, blob),
    lines: asInteger(o["lines"], `${path}.lines`, blob),
    top_share: asNumber(o["top_share"], `${path}.top_share`, blob),
    summary: asString(o["summary"], `${path}.summary`, blob),
  };
}

export interface DiagnosticPayload {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly file: number;
  readonly line: number;
  readonly notes: readonly string[];
  readonly help: string;
}

export function decodeDiagnosticPayload(raw: unknown, path: string, blob: Blob): DiagnosticPayload {
  const o = asRecord(raw, path, blob);
  return {
    code: asString(o["code"], `${path}.code`, blob),
    severity: asString(o["severity"], `${path}.severity`, blob),
    message: asString(o["message"], `${path}.message`, blob),
    file: asInteger(o["file"], `${path}.file`, blob),
    line: asInteger(o["line"], `${path}.line`, blob),
    notes: asStrings(o["notes"], `${path}.notes`, blob),
    help: asString(o["help"], `${path}.help`, blob),
  };
}

export interface VariantPayload {
  readonly variant: string;
  readonly banner: string;
  readonly graph: number;
  readonly failure: DiagnosticPayload | null;
  readonly coverage: CoveragePayload | null;
  readonly pairs: Column;
  readonly how: Column;
  readonly lost_file: Column;
  readonly lost_line: Column;
  readonly lost_here: Column;
}

export function decodeVariantPayload(raw: unknown, path: string, blob: Blob): VariantPayload {
  const o = asRecord(raw, path, blob);
  return {
    variant: asString(o["variant"], `${path}.variant`, blob),
    banner: asString(o["banner"], `${path}.banner`, blob),
    graph: asInteger(o["graph"], `${path}.graph`, blob),
    failure: asNullable(decodeDiagnosticPayload)(o["failure"], `${path}.failure`, blob),
    coverage: asNullable(decodeCoveragePayload)(o["coverage"], `${path}.coverage`, blob),
    pairs: asColumn(o["pairs"], `${path}.pairs`, blob),
    how: asColumn(o["how"], `${path}.how`, blob),
    lost_file: asColumn(o["lost_file"], `${path}.lost_file`, blob),
    lost_line: asColumn(o["lost_line"], `${path}.lost_line`, blob),
    lost_here: asColumn(o["lost_here"], `${path}.lost_here`, blob),
  };
}

export interface PlacePayload {
  readonly file: number;
  readonly line: number;
  readonly col: number;
  readonly end_line: number;
  readonly end_col: number;
}

export function decodePlacePayload(raw: unknown, path: string, blob: Blob): PlacePayload {
  const o = asRecord(raw, path, blob);
  return {
    file: asInteger(o["file"], `${path}.file`, blob),
    line: asInteger(o["line"], `${path}.line`, blob),
    col: asInteger(o["col"], `${path}.col`, blob),
    end_line: asInteger(o["end_line"], `${path}.end_line`, blob),
    end_col: asInteger(o["end_col"], `${path}.end_col`, blob),
  };
}

export interface FindingPayload {
  readonly variant: string;
  readonly status: string;
  readonly loss: string;
  readonly place: PlacePayload | null;
  readonly sentence: string;
  readonly consequence: string;
  readonly remedy: string;
  readonly reason: string;
  readonly affected: readonly PlacePayload[];
  readonly warned: boolean;
  readonly script: string;
  readonly input: string;
  readonly expected: string;
  readonly found: string;
}

export function decodeFindingPayload(raw: unknown, path: string, blob: Blob): FindingPayload {
  const o = asRecord(raw, path, blob);
  return {
    variant: asString(o["variant"], `${path}.variant`, blob),
    status: asString(o["status"], `${path}.status`, blob),
    loss: asString(o["loss"], `${path}.loss`, blob),
    place: asNullable(decodePlacePayload)(o["place"], `${path}.place`, blob),
    sentence: asString(o["sentence"], `${path}.sentence`, blob),
    consequence: asString(o["consequence"], `${path}.consequence`, blob),
    remedy: asString(o["remedy"], `${path}.remedy`, blob),
    reason: asString(o["reason"], `${path}.reason`, blob),
    affected: asList(decodePlacePayload)(o["affected"], `${path}.affected`, blob),
    warned: asBoolean(o["warned"], `${path}.warned`, blob),
    script: asString(o["script"], `${path}.script`, blob),
    input: asString(o["input"], `${path}.input`, blob),
    expected: asString(o["expected"], `${path}.expected`, blob),
    found: asString(o["found"], `${path}.found`, blob),
  };
}

export interface FlowPayload {
  readonly place: PlacePayload;
  readonly kind: string;
  readonly condition: string;
  readonly went: string;
  readonly held: string;
  readonly findings: readonly number[];
}

export function decodeFlowPayload(raw: unknown, path: string, blob: Blob): FlowPayload {
  const o = asRecord(raw, path, blob);
  return {
    place: decodePlacePayload(o["place"], `${path}.place`, blob),
    kind: asString(o["kind"], `${path}.kind`, blob),
    condition: asString(o["condition"], `${path}.condition`, blob),
    went: asString(o["went"], `${path}.went`, blob),
    held: asString(o["held"], `${path}.held`, blob),
    findings: asIntegers(o["findings"], `${path}.findings`, blob),
  };
}

export interface ComparedPayload {
  readonly variant: string;
  readonly words: string;
  readonly failure: string;
}

export function decodeComparedPayload(raw: unknown, path: string, blob: Blob): ComparedPayload {
  const o = asRecord(raw, path, blob);
  return {
    variant: asString(o["variant"], `${path}.variant`, blob),
    words: asString(o["words"], `${path}.words`, blob),
    failure: asString(o["failure"], `${path}.failure`, blob),
  };
}

export interface ComparisonPayload {
  readonly title: string;
  readonly domain: string;
  readonly is_interrupted: boolean;
  readonly noise: number | null;
  readonly runs: number;
  readonly variants: readonly ComparedPayload[];
  readonly findings: readonly FindingPayload[];
  readonly flow: readonly FlowPayload[];
  readonly files: readonly string[];
}

export function decodeComparisonPayload(raw: unknown, path: string, blob: Blob): ComparisonPayload {
  const o = asRecord(raw, path, blob);
  return {
    title: asString(o["title"], `${path}.title`, blob),
    domain: asString(o["domain"], `${path}.domain`, blob),
    is_interrupted: asBoolean(o["is_interrupted"], `${path}.is_interrupted`, blob),
    noise: asNullable(asNumber)(o["noise"], `${path}.noise`, blob),
    runs: asInteger(o["runs"], `${path}.runs`, blob),
    variants: asList(decodeComparedPayload)(o["variants"], `${path}.variants`, blob),
    findings: asList(decodeFindingPayload)(o["findings"], `${path}.findings`, blob),
    flow: asList(decodeFlowPayload)(o["flow"], `${path}.flow`, blob),
    files: asStrings(o["files"], `${path}.files`, blob),
  };
}

export interface DebugFrame {
  readonly path: string;
  readonly line: number;
  readonly col: number;
  readonly end_line: number;
  readonly end_col: number;
  readonly function: string;
}

export function decodeDebugFrame(raw: unknown, path: string, blob: Blob): DebugFrame {
  const o = asRecord(raw, path, blob);
  return {
    path: asString(o["path"], `${path}.path`, blob),
    line: asInteger(o["line"], `${path}.line`, blob),
    col: asInteger(o["col"], `${path}.col`, blob),
    end_line: asInteger(o["end_line"], `${path}.end_line`, blob),
    end_col: asInteger(o["end_col"], `${path}.end_col`, blob),
    function: asString(o["function"], `${path}.function`, blob),
  };
}

export interface DebugBreakpoint {
  readonly number: number;
  readonly text: string;
  readonly when: string;
  readonly after: number;
  readonly hits: number;
  readonly path: string;
  readonly line: number;
  readonly node: number;
  readonly failure: string;
}

export function decodeDebugBreakpoint(raw: unknown, path: string, blob: Blob): DebugBreakpoint {
  const o = asRecord(raw, path, blob);
  return {
    number: asInteger(o["number"], `${path}.number`, blob),
    text: asString(o["text"], `${path}.text`, blob),
    when: asString(o["when"], `${path}.when`, blob),
    after: asInteger(o["after"], `${path}.after`, blob),
    hits: asInteger(o["hits"], `${path}.hits`, blob),
    path: asString(o["path"], `${path}.path`, blob),
    line: asInteger(o["line"], `${path}.line`, blob),
    node: asInteger(o["node"], `${path}.node`, blob),
    failure: asString(o["failure"], `${path}.failure`, blob),
  };
}

export interface DebugPin {
  readonly name: string;
  readonly shown: string;
  readonly position: number;
  readonly node: number;
}

export function decodeDebugPin(raw: unknown, path: string, blob: Blob): DebugPin {
  const o = asRecord(raw, path, blob);
  return {
    name: asString(o["name"], `${path}.name`, blob),
    shown: asString(o["shown"], `${path}.shown`, blob),
    position: asInteger(o["position"], `${path}.position`, blob),
    node: asInteger(o["node"], `${path}.node`, blob),
  };
}

export interface DebugRecord {
  readonly name: string;
  readonly values: number;
  readonly fault: string;
}

export function decodeDebugRecord(raw: unknown, path: string, blob: Blob): DebugRecord {
  const o = asRecord(raw, path, blob);
  return {
    name: asString(o["name"], `${path}.name`, blob),
    values: asInteger(o["values"], `${path}.values`, blob),
    fault: asString(o["fault"], `${path}.fault`, blob),
  };
}

export interface DebugWatch {
  readonly text: string;
  readonly shown: string;
}

export function decodeDebugWatch(raw: unknown, path: string, blob: Blob): DebugWatch {
  const o = asRecord(raw, path, blob);
  return {
    text: asString(o["text"], `${path}.text`, blob),
    shown: asString(o["shown"], `${path}.shown`, blob),
  };
}

export interface DebugState {
  readonly serial: number;
  readonly status: string;
  readonly is_other: boolean;
  readonly position: number;
  readonly furthest: number;
  readonly node: number;
  readonly text: string;
  readonly is_head: boolean;
  readonly is_after: boolean;
  readonly reason: string;
  readonly scope: string;
  readonly iteration: number;
  readonly path: string;
  readonly line: number;
  readonly frames: readonly DebugFrame[];
  readonly result: string;
  readonly fault: DiagnosticPayload | null;
  readonly notes: readonly DiagnosticPayload[];
  readonly breakpoints: readonly DebugBreakpoint[];
  readonly watches: readonly DebugWatch[];
  readonly pins: readonly DebugPin[];
  readonly records: readonly DebugRecord[];
}

export function decodeDebugState(raw: unknown, path: string, blob: Blob): DebugState {
  const o = asRecord(raw, path, blob);
  return {
    serial: asInteger(o["serial"], `${path}.serial`, blob),
    status: asString(o["status"], `${path}.status`, blob),
    is_other: asBoolean(o["is_other"], `${path}.is_other`, blob),
    position: asInteger(o["position"], `${path}.position`, blob),
    furthest: asInteger(o["furthest"], `${path}.furthest`, blob),
    node: asInteger(o["node"], `${path}.node`, blob),
    text: asString(o["text"], `${path}.text`, blob),
    is_head: asBoolean(o["is_head"], `${path}.is_head`, blob),
    is_after: asBoolean(o["is_after"], `${path}.is_after`, blob),
    reason: asString(o["reason"], `${path}.reason`, blob),
    scope: asString(o["scope"], `${path}.scope`, blob),
    iteration: asInteger(o["iteration"], `${path}.iteration`, blob),
    path: asString(o["path"], `${path}.path`, blob),
    line: asInteger(o["line"], `${path}.line`, blob),
    frames: asList(decodeDebugFrame)(o["frames"], `${path}.frames`, blob),
    result: asString(o["result"], `${path}.result`, blob),
    fault: asNullable(decodeDiagnosticPayload)(o["fault"], `${path}.fault`, blob),
    notes: asList(decodeDiagnosticPayload)(o["notes"], `${path}.notes`, blob),
    breakpoints: asList(decodeDebugBreakpoint)(o["breakpoints"], `${path}.breakpoints`, blob),
    watches: asList(decodeDebugWatch)(o["watches"], `${path}.watches`, blob),
    pins: asList(decodeDebugPin)(o["pins"], `${path}.pins`, blob),
    records: asList(decodeDebugRecord)(o["records"], `${path}.records`, blob),
  };
}

export interface DebugValue {
  readonly name: string;
  readonly row: number;
  readonly type: string;
  readonly text: string;
  readonly kind: string;
  readonly device: string;
  readonly least: number | null;
  readonly most: number | null;
  readonly mean: number | null;
  readonly nans: number;
  readonly infinities: number;
  readonly note: string;
  readonly is_edited: boolean;
  readonly is_changed: boolean;
  readonly is_new: boolean;
  readonly is_used: boolean;
}

export function decodeDebugValue(raw: unknown, path: string, blob: Blob): DebugValue {
  const o = asRecord(raw, path, blob);
  return {
    name: asString(o["name"], `${path}.name`, blob),
    row: asInteger(o["row"], `${path}.row`, blob),
    type: asString(o["type"], `${path}.type`, blob),
    text: asString(o["text"], `${path}.text`, blob),
    kind: asString(o["kind"], `${path}.kind`, blob),
    device: asString(o["device"], `${path}.device`, blob),
    least: asNullable(asNumber)(o["least"], `${path}.least`, blob),
    most: asNullable(asNumber)(o["most"], `${path}.most`, blob),
    mean: asNullable(asNumber)(o["mean"], `${path}.mean`, blob),
    nans: asInteger(o["nans"], `${path}.nans`, blob),
    infinities: asInteger(o["infinities"], `${path}.infinities`, blob),
    note: asString(o["note"], `${path}.note`, blob),
    is_edited: asBoolean(o["is_edited"], `${path}.is_edited`, blob),
    is_changed: asBoolean(o["is_changed"], `${path}.is_changed`, blob),
    is_new: asBoolean(o["is_new"], `${path}.is_new`, blob),
    is_used: asBoolean(o["is_used"], `${path}.is_used`, blob),
  };
}

export interface DebugValues {
  readonly serial: number;
  readonly first: number;
  readonly total: number;
  readonly rows: readonly DebugValue[];
}

export function decodeDebugValues(raw: unknown, path: string, blob: Blob): DebugValues {
  const o = asRecord(raw, path, blob);
  return {
    serial: asInteger(o["serial"], `${path}.serial`, blob),
    first: asInteger(o["first"], `${path}.first`, blob),
    total: asInteger(o["total"], `${path}.total`, blob),
    rows: asList(decodeDebugValue)(o["rows"], `${path}.rows`, blob),
  };
}

export interface DebugPage {
  readonly title: string;
  readonly first: number;
  readonly total: number;
  readonly items: readonly string[];
  readonly shape: readonly number[] | null;
}

export function decodeDebugPage(raw: unknown, path: string, blob: Blob): DebugPage {
  const o = asRecord(raw, path, blob);
  return {
    title: asString(o["title"], `${path}.title`, blob),
    first: asInteger(o["first"], `${path}.first`, blob),
    total: asInteger(o["total"], `${path}.total`, blob),
    items: asStrings(o["items"], `${path}.items`, blob),
    shape: asNullable(asIntegers)(o["shape"], `${path}.shape`, blob),
  };
}

export interface DebugStatistics {
  readonly least: number | null;
  readonly most: number | null;
  readonly mean: number | null;
  readonly deviation: number | null;
  readonly nans: number;
  readonly infinities: number;
  readonly zeros: number | null;
}

export function decodeDebugStatistics(raw: unknown, path: string, blob: Blob): DebugStatistics {
  const o = asRecord(raw, path, blob);
  return {
    least: asNullable(asNumber)(o["least"], `${path}.least`, blob),
    most: asNullable(asNumber)(o["most"], `${path}.most`, blob),
    mean: asNullable(asNumber)(o["mean"], `${path}.mean`, blob),
    deviation: asNullable(asNumber)(o["deviation"], `${path}.deviation`, blob),
    nans: asInteger(o["nans"], `${path}.nans`, blob),
    infinities: asInteger(o["infinities"], `${path}.infinities`, blob),
    zeros: asNullable(asInteger)(o["zeros"], `${path}.zeros`, blob),
  };
}

export interface DebugHistogram {
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
}

export function decodeDebugHistogram(raw: unknown, path: string, blob: Blob): DebugHistogram {
  const o = asRecord(raw, path, blob);
  return {
    low: asNumber(o["low"], `${path}.low`, blob),
    high: asNumber(o["high"], `${path}.high`, blob),
    counts: asIntegers(o["counts"], `${path}.counts`, blob),
  };
}

export interface DebugPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Column;
  readonly words: string;
}

export function decodeDebugPicture(raw: unknown, path: string, blob: Blob): DebugPicture {
  const o = asRecord(raw, path, blob);
  return {
    width: asInteger(o["width"], `${path}.width`, blob),
    height: asInteger(o["height"], `${path}.height`, blob),
    pixels: asColumn(o["pixels"], `${path}.pixels`, blob),
    words: asString(o["words"], `${path}.words`, blob),
  };
}

export interface DebugDetail {
  readonly title: string;
  readonly kind: string;
  readonly device: string;
  readonly facts: readonly string[];
  readonly count: number;
  readonly looked_at: number;
  readonly statistics: DebugStatistics | null;
  readonly histogram: DebugHistogram | null;
  readonly least_course: Column;
  readonly most_course: Column;
  readonly picture: DebugPicture | null;
}

export function decodeDebugDetail(raw: unknown, path: string, blob: Blob): DebugDetail {
  const o = asRecord(raw, path, blob);
  return {
    title: asString(o["title"], `${path}.title`, blob),
    kind: asString(o["kind"], `${path}.kind`, blob),
    device: asString(o["device"], `${path}.device`, blob),
    facts: asStrings(o["facts"], `${path}.facts`, blob),
    count: asInteger(o["count"], `${path}.count`, blob),
    looked_at: asInteger(o["looked_at"], `${path}.looked_at`, blob),
    statistics: asNullable(decodeDebugStatistics)(o["statistics"], `${path}.statistics`, blob),
    histogram: asNullable(decodeDebugHistogram)(o["histogram"], `${path}.histogram`, blob),
    least_course: asColumn(o["least_course"], `${path}.least_course`, blob),
    most_course: asColumn(o["most_course"], `${path}.most_course`, blob),
    picture: asNullable(decodeDebugPicture)(o["picture"], `${path}.picture`, blob),
  };
}

export interface DebugSide {
  readonly name: string;
  readonly position: number;
  readonly node: number;
  readonly number: string;
}

export function decodeDebugSide(raw: unknown, path: string, blob: Blob): DebugSide {
  const o = asRecord(raw, path, blob);
  return {
    name: asString(o["name"], `${path}.name`, blob),
    position: asInteger(o["position"], `${path}.position`, blob),
    node: asInteger(o["node"], `${path}.node`, blob),
    number: asString(o["number"], `${path}.number`, blob),
  };
}

export interface DebugApart {
  readonly words: string;
  readonly differing: number;
  readonly count: number;
  readonly absolute: string;
  readonly relative: string;
  readonly ulps: number | null;
  readonly where: readonly number[];
  readonly one: DebugSide;
  readonly other: DebugSide;
}

export function decodeDebugApart(raw: unknown, path: string, blob: Blob): DebugApart {
  const o = asRecord(raw, path, blob);
  return {
    words: asString(o["words"], `${path}.words`, blob),
    differing: asInteger(o["differing"], `${path}.differing`, blob),
    count: asInteger(o["count"], `${path}.count`, blob),
    absolute: asString(o["absolute"], `${path}.absolute`, blob),
    relative: asString(o["relative"], `${path}.relative`, blob),
    ulps: asNullable(asInteger)(o["ulps"], `${path}.ulps`, blob),
    where: asIntegers(o["where"], `${path}.where`, blob),
    one: decodeDebugSide(o["one"], `${path}.one`, blob),
    other: decodeDebugSide(o["other"], `${path}.other`, blob),
  };
}

export interface DebugDrift {
  readonly words: string;
  readonly first: number;
  readonly pairs: number;
  readonly position: Column;
  readonly node: Column;
  readonly drift: Column;
  readonly equal: Column;
  readonly names: readonly string[];
  readonly others: readonly string[];
  readonly ops: readonly string[];
  readonly places: readonly string[];
}

export function decodeDebugDrift(raw: unknown, path: string, blob: Blob): DebugDrift {
  const o = asRecord(raw, path, blob);
  return {
    words: asString(o["words"], `${path}.words`, blob),
    first: asInteger(o["first"], `${path}.first`, blob),
    pairs: asInteger(o["pairs"], `${path}.pairs`, blob),
    position: asColumn(o["position"], `${path}.position`, blob),
    node: asColumn(o["node"], `${path}.node`, blob),
    drift: asColumn(o["drift"], `${path}.drift`, blob),
    equal: asColumn(o["equal"], `${path}.equal`, blob),
    names: asStrings(o["names"], `${path}.names`, blob),
    others: asStrings(o["others"], `${path}.others`, blob),
    ops: asStrings(o["ops"], `${path}.ops`, blob),
    places: asStrings(o["places"], `${path}.places`, blob),
  };
}

export interface SamplesPayload {
  readonly node: Column;
  readonly calls: Column;
  readonly cpu_ns: Column;
  readonly low: Column;
  readonly median: Column;
  readonly high: Column;
  readonly total_ns: Column;
  readonly device_ns: Column;
  readonly kernels: Column;
  readonly allocated: Column;
  readonly peak: Column;
  readonly flops: Column;
  readonly moved: Column;
  readonly rate: Column;
  readonly roof: Column;
  readonly iterations: Column;
  readonly taken: Column;
  readonly not_taken: Column;
  readonly members: Column;
  readonly shared: Column;
  readonly marked_ns: Column;
  readonly marked_self_ns: Column;
  readonly origins_at: Column;
  readonly origins: Column;
}

export function decodeSamplesPayload(raw: unknown, path: string, blob: Blob): SamplesPayload {
  const o = asRecord(raw, path, blob);
  return {
    node: asColumn(o["node"], `${path}.node`, blob),
    calls: asColumn(o["calls"], `${path}.calls`, blob),
    cpu_ns: asColumn(o["cpu_ns"], `${path}.cpu_ns`, blob),
    low: asColumn(o["low"], `${path}.low`, blob),
    median: asColumn(o["median"], `${path}.median`, blob),
    high: asColumn(o["high"], `${path}.high`, blob),
    total_ns: asColumn(o["total_ns"], `${path}.total_ns`, blob),
    device_ns: asColumn(o["device_ns"], `${path}.device_ns`, blob),
    kernels: asColumn(o["kernels"], `${path}.kernels`, blob),
    allocated: asColumn(o["allocated"], `${path}.allocated`, blob),
    peak: asColumn(o["peak"], `${path}.peak`, blob),
    flops: asColumn(o["flops"], `${path}.flops`, blob),
    moved: asColumn(o["moved"], `${path}.moved`, blob),
    rate: asColumn(o["rate"], `${path}.rate`, blob),
    roof: asColumn(o["roof"], `${path}.roof`, blob),
    iterations: asColumn(o["iterations"], `${path}.iterations`, blob),
    taken: asColumn(o["taken"], `${path}.taken`, blob),
    not_taken: asColumn(o["not_taken"], `${path}.not_taken`, blob),
    members: asColumn(o["members"], `${path}.members`, blob),
    shared: asColumn(o["shared"], `${path}.shared`, blob),
    marked_ns: asColumn(o["marked_ns"], `${path}.marked_ns`, blob),
    marked_self_ns: asColumn(o["marked_self_ns"], `${path}.marked_self_ns`, blob),
    origins_at: asColumn(o["origins_at"], `${path}.origins_at`, blob),
    origins: asColumn(o["origins"], `${path}.origins`, blob),
  };
}

export interface SharesPayload {
  readonly cpu_ns: Column;
  readonly device_ns: Column;
  readonly bytes: Column;
  readonly flops: Column;
  readonly calls: Column;
  readonly shared: Column;
}

export function decodeSharesPayload(raw: unknown, path: string, blob: Blob): SharesPayload {
  const o = asRecord(raw, path, blob);
  return {
    cpu_ns: asColumn(o["cpu_ns"], `${path}.cpu_ns`, blob),
    device_ns: asColumn(o["device_ns"], `${path}.device_ns`, blob),
    bytes: asColumn(o["bytes"], `${path}.bytes`, blob),
    flops: asColumn(o["flops"], `${path}.flops`, blob),
    calls: asColumn(o["calls"], `${path}.calls`, blob),
    shared: asColumn(o["shared"], `${path}.shared`, blob),
  };
}

export interface TimelinePayload {
  readonly run: number;
  readonly names: readonly string[];
  readonly node: Column;
  readonly name: Column;
  readonly start: Column;
  readonly end: Column;
  readonly thread: Column;
  readonly kernel_op: Column;
  readonly kernel_name: Column;
  readonly kernel_start: Column;
  readonly kernel_end: Column;
  readonly device: Column;
  readonly stream: Column;
}

export function decodeTimelinePayload(raw: unknown, path: string, blob: Blob): TimelinePayload {
  const o = asRecord(raw, path, blob);
  return {
    run: asInteger(o["run"], `${path}.run`, blob),
    names: asStrings(o["names"], `${path}.names`, blob),
    node: asColumn(o["node"], `${path}.node`, blob),
    name: asColumn(o["name"], `${path}.name`, blob),
    start: asColumn(o["start"], `${path}.start`, blob),
    end: asColumn(o["end"], `${path}.end`, blob),
    thread: asColumn(o["thread"], `${path}.thread`, blob),
    kernel_op: asColumn(o["kernel_op"], `${path}.kernel_op`, blob),
    kernel_name: asColumn(o["kernel_name"], `${path}.kernel_name`, blob),
    kernel_start: asColumn(o["kernel_start"], `${path}.kernel_start`, blob),
    kernel_end: asColumn(o["kernel_end"], `${path}.kernel_end`, blob),
    device: asColumn(o["device"], `${path}.device`, blob),
    stream: asColumn(o["stream"], `${path}.stream`, blob),
  };
}

export interface WarmUpPayload {
  readonly number: number;
  readonly nanoseconds: number;
  readonly words: string;
}

export function decodeWarmUpPayload(raw: unknown, path: string, blob: Blob): WarmUpPayload {
  const o = asRecord(raw, path, blob);
  return {
    number: asInteger(o["number"], `${path}.number`, blob),
    nanoseconds: asInteger(o["nanoseconds"], `${path}.nanoseconds`, blob),
    words: asString(o["words"], `${path}.words`, blob),
  };
}

export interface AccountingPayload {
  readonly wall: number;
  readonly ops: number;
  readonly attributed: number;
  readonly shared: number;
  readonly unattributed: Readonly<Record<string, number>>;
  readonly busy: number;
  readonly interpreter: number;
  readonly kernels: number | null;
  readonly kernels_attributed: number | null;
  readonly device_idle: number | null;
}

export function decodeAccountingPayload(raw: unknown, path: string, blob: Blob): AccountingPayload {
  const o = asRecord(raw, path, blob);
  return {
    wall: asInteger(o["wall"], `${path}.wall`, blob),
    ops: asInteger(o["ops"], `${path}.ops`, blob),
    attributed: asInteger(o["attributed"], `${path}.attributed`, blob),
    shared: asInteger(o["shared"], `${path}.shared`, blob),
    unattributed: asDictionary(asInteger)(o["unattributed"], `${path}.unattributed`, blob),
    busy: asInteger(o["busy"], `${path}.busy`, blob),
    interpreter: asInteger(o["interpreter"], `${path}.interpreter`, blob),
    kernels: asNullable(asInteger)(o["kernels"], `${path}.kernels`, blob),
    kernels_attributed: asNullable(asInteger)(o["kernels_attributed"], `${path}.kernels_attributed`, blob),
    device_idle: asNullable(asInteger)(o["device_idle"], `${path}.device_idle`, blob),
  };
}

export interface RooflinePayload {
  readonly device: string;
  readonly threads: number;
  readonly flops_per_second: number;
  readonly bytes_per_second: number;
}

export function decodeRooflinePayload(raw: unknown, path: string, blob: Blob): RooflinePayload {
  const o = asRecord(raw, path, blob);
  return {
    device: asString(o["device"], `${path}.device`, blob),
    threads: asInteger(o["threads"], `${path}.threads`, blob),
    flops_per_second: asNumber(o["flops_per_second"], `${path}.flops_per_second`, blob),
    bytes_per_second: asNumber(o["bytes_per_second"], `${path}.bytes_per_second`, blob),
  };
}

export interface CheckPayload {
  readonly what: string;
  readonly agree: number;
  readonly differ: number;
}

export function decodeCheckPayload(raw: unknown, path: string, blob: Blob): CheckPayload {
  const o = asRecord(raw, path, blob);
  return {
    what: asString(o["what"], `${path}.what`, blob),
    agree: asInteger(o["agree"], `${path}.agree`, blob),
    differ: asInteger(o["differ"], `${path}.differ`, blob),
  };
}

export interface ChangesPayload {
  readonly before: Column;
  readonly after: Column;
  readonly middle: Column;
  readonly low: Column;
  readonly high: Column;
  readonly verdicts: readonly string[];
}

export function decodeChangesPayload(raw: unknown, path: string, blob: Blob): ChangesPayload {
  const o = asRecord(raw, path, blob);
  return {
    before: asColumn(o["before"], `${path}.before`, blob),
    after: asColumn(o["after"], `${path}.after`, blob),
    middle: asColumn(o["middle"], `${path}.middle`, blob),
    low: asColumn(o["low"], `${path}.low`, blob),
    high: asColumn(o["high"], `${path}.high`, blob),
    verdicts: asStrings(o["verdicts"], `${path}.verdicts`, blob),
  };
}

export interface AgainstPayload {
  readonly before: string;
  readonly after: string;
  readonly of_kernels: boolean;
  readonly whole: ChangesPayload;
  readonly file: Column;
  readonly line: Column;
  readonly places: readonly string[];
  readonly codes: readonly string[];
  readonly lines: ChangesPayload;
  readonly modules: readonly string[];
  readonly module_changes: ChangesPayload;
}

export function decodeAgainstPayload(raw: unknown, path: string, blob: Blob): AgainstPayload {
  const o = asRecord(raw, path, blob);
  return {
    before: asString(o["before"], `${path}.before`, blob),
    after: asString(o["after"], `${path}.after`, blob),
    of_kernels: asBoolean(o["of_kernels"], `${path}.of_kernels`, blob),
    whole: decodeChangesPayload(o["whole"], `${path}.whole`, blob),
    file: asColumn(o["file"], `${path}.file`, blob),
    line: asColumn(o["line"], `${path}.line`, blob),
    places: asStrings(o["places"], `${path}.places`, blob),
    codes: asStrings(o["codes"], `${path}.codes`, blob),
    lines: decodeChangesPayload(o["lines"], `${path}.lines`, blob),
    modules: asStrings(o["modules"], `${path}.modules`, blob),
    module_changes: decodeChangesPayload(o["module_changes"], `${path}.module_changes`, blob),
  };
}

export interface SweepPayload {
  readonly batch_size: Column;
  readonly threads: Column;
  readonly low: Column;
  readonly median: Column;
  readonly high: Column;
  readonly per_second: Column;
  readonly failures: readonly string[];
  readonly shown: number;
  readonly is_interrupted: boolean;
}

export function decodeSweepPayload(raw: unknown, path: string, blob: Blob): SweepPayload {
  const o = asRecord(raw, path, blob);
  return {
    batch_size: asColumn(o["batch_size"], `${path}.batch_size`, blob),
    threads: asColumn(o["threads"], `${path}.threads`, blob),
    low: asColumn(o["low"], `${path}.low`, blob),
    median: asColumn(o["median"], `${path}.median`, blob),
    high: asColumn(o["high"], `${path}.high`, blob),
    per_second: asColumn(o["per_second"], `${path}.per_second`, blob),
    failures: asStrings(o["failures"], `${path}.failures`, blob),
    shown: asInteger(o["shown"], `${path}.shown`, blob),
    is_interrupted: asBoolean(o["is_interrupted"], `${path}.is_interrupted`, blob),
  };
}

export interface ProfilePayload {
  readonly conditions: string;
  readonly plain: Column;
  readonly profiled: Column;
  readonly marked: Column;
  readonly warm_up: readonly WarmUpPayload[];
  readonly accounting: AccountingPayload;
  readonly checks: readonly CheckPayload[];
  readonly diagnostics: readonly DiagnosticPayload[];
  readonly roofline: RooflinePayload | null;
  readonly graph: number;
  readonly has_device: boolean;
  readonly samples: SamplesPayload;
  readonly nodes: Column;
  readonly node_shares: SharesPayload;
  readonly line_file: Column;
  readonly line_number: Column;
  readonly line_nodes: Column;
  readonly line_shares: SharesPayload;
  readonly modules: readonly string[];
  readonly module_total_ns: Column;
  readonly module_shares: SharesPayload;
  readonly timeline: TimelinePayload;
}

export function decodeProfilePayload(raw: unknown, path: string, blob: Blob): ProfilePayload {
  const o = asRecord(raw, path, blob);
  return {
    conditions: asString(o["conditions"], `${path}.conditions`, blob),
    plain: asColumn(o["plain"], `${path}.plain`, blob),
    profiled: asColumn(o["profiled"], `${path}.profiled`, blob),
    marked: asColumn(o["marked"], `${path}.marked`, blob),
    warm_up: asList(decodeWarmUpPayload)(o["warm_up"], `${path}.warm_up`, blob),
    accounting: decodeAccountingPayload(o["accounting"], `${path}.accounting`, blob),
    checks: asList(decodeCheckPayload)(o["checks"], `${path}.checks`, blob),
    diagnostics: asList(decodeDiagnosticPayload)(o["diagnostics"], `${path}.diagnostics`, blob),
    roofline: asNullable(decodeRooflinePayload)(o["roofline"], `${path}.roofline`, blob),
    graph: asInteger(o["graph"], `${path}.graph`, blob),
    has_device: asBoolean(o["has_device"], `${path}.has_device`, blob),
    samples: decodeSamplesPayload(o["samples"], `${path}.samples`, blob),
    nodes: asColumn(o["nodes"], `${path}.nodes`, blob),
    node_shares: decodeSharesPayload(o["node_shares"], `${path}.node_shares`, blob),
    line_file: asColumn(o["line_file"], `${path}.line_file`, blob),
    line_number: asColumn(o["line_number"], `${path}.line_number`, blob),
    line_nodes: asColumn(o["line_nodes"], `${path}.line_nodes`, blob),
    line_shares: decodeSharesPayload(o["line_shares"], `${path}.line_shares`, blob),
    modules: asStrings(o["modules"], `${path}.modules`, blob),
    module_total_ns: asColumn(o["module_total_ns"], `${path}.module_total_ns`, blob),
    module_shares: decodeSharesPayload(o["module_shares"], `${path}.module_shares`, blob),
    timeline: decodeTimelinePayload(o["timeline"], `${path}.timeline`, blob),
  };
}

export type DocumentRequest = Record<string, never>;

export function decodeDocumentRequest(raw: unknown, path: string, blob: Blob): DocumentRequest {
  asRecord(raw, path, blob);
  return {};
}

export interface AssetRequest {
  readonly name: string;
}

export function decodeAssetRequest(raw: unknown, path: string, blob: Blob): AssetRequest {
  const o = asRecord(raw, path, blob);
  return {
    name: asString(o["name"], `${path}.name`, blob),
  };
}

export interface Asset {
  readonly name: string;
  readonly media_type: string;
}

export function decodeAsset(raw: unknown, path: string, blob: Blob): Asset {
  const o = asRecord(raw, path, blob);
  return {
    name: asString(o["name"], `${path}.name`, blob),
    media_type: asString(o["media_type"], `${path}.media_type`, blob),
  };
}

export interface WeightRequest {
  readonly name: string;
}

export function decodeWeightRequest(raw: unknown, path: string, blob: Blob): WeightRequest {
  const o = asRecord(raw, path, blob);
  return {
    name: asString(o["name"], `${path}.name`, blob),
  };
}

export type ObserveRequest = Record<string, never>;

export function decodeObserveRequest(raw: unknown, path: string, blob: Blob): ObserveRequest {
  asRecord(raw, path, blob);
  return {};
}

export interface Observed {
  readonly strings: readonly string[];
  readonly observed: Column;
  readonly flops: Column;
}

export function decodeObserved(raw: unknown, path: string, blob: Blob): Observed {
  const o = asRecord(raw, path, blob);
  return {
    strings: asStrings(o["strings"], `${path}.strings`, blob),
    observed: asColumn(o["observed"], `${path}.observed`, blob),
    flops: asColumn(o["flops"], `${path}.flops`, blob),
  };
}

export type SaveHtmlRequest = Record<string, never>;

export function decodeSaveHtmlRequest(raw: unknown, path: string, blob: Blob): SaveHtmlRequest {
  asRecord(raw, path, blob);
  return {};
}

export interface SavedHtml {
  readonly filename: string;
  readonly summary: string;
}

export function decodeSavedHtml(raw: unknown, path: string, blob: Blob): SavedHtml {
  const o = asRecord(raw, path, blob);
  return {
    filename: asString(o["filename"], `${path}.filename`, blob),
    summary: asString(o["summary"], `${path}.summary`, blob),
  };
}

export interface PassesRequest {
  readonly pipeline: string;
}

export function decodePassesRequest(raw: unknown, path: string, blob: Blob): PassesRequest {
  const o = asRecord(raw, path, blob);
  return {
    pipeline: asString(o["pipeline"], `${path}.pipeline`, blob),
  };
}

export interface VariantsRequest {
  readonly variant: string;
}

export function decodeVariantsRequest(raw: unknown, path: string, blob: Blob): VariantsRequest {
  const o = asRecord(raw, path, blob);
  return {
    variant: asString(o["variant"], `${path}.variant`, blob),
  };
}

export type DomainRequest = Record<string, never>;

export function decodeDomainRequest(raw: unknown, path: string, blob: Blob): DomainRequest {
  asRecord(raw, path, blob);
  return {};
}

export interface DomainText {
  readonly text: string;
}

export function decodeDomainText(raw: unknown, path: string, blob: Blob): DomainText {
  const o = asRecord(raw, path, blob);
  return {
    text: asString(o["text"], `${path}.text`, blob),
  };
}

export interface CompareRequest {
  readonly variants: readonly string[];
  readonly domain: string;
  readonly tries: number;
  readonly seconds: number;
}

export function decodeCompareRequest(raw: unknown, path: string, blob: Blob): CompareRequest {
  const o = asRecord(raw, path, blob);
  return {
    variants: asStrings(o["variants"], `${path}.variants`, blob),
    domain: asString(o["domain"], `${path}.domain`, blob),
    tries: asInteger(o["tries"], `${path}.tries`, blob),
    seconds: asNumber(o["seconds"], `${path}.seconds`, blob),
  };
}

export interface Compared {
  readonly comparison: ComparisonPayload;
  readonly files: readonly SourceFilePayload[];
}

export function decodeCompared(raw: unknown, path: string, blob: Blob): Compared {
  const o = asRecord(raw, path, blob);
  return {
    comparison: decodeComparisonPayload(o["comparison"], `${path}.comparison`, blob),
    files: asList(decodeSourceFilePayload)(o["files"], `${path}.files`, blob),
  };
}

export interface DebugRequest {
  readonly verb: string;
  readonly by: string;
  readonly target: string;
  readonly node: number;
  readonly text: string;
  readonly number: number;
  readonly after: number;
}

export function decodeDebugRequest(raw: unknown, path: string, blob: Blob): DebugRequest {
  const o = asRecord(raw, path, blob);
  return {
    verb: asString(o["verb"], `${path}.verb`, blob),
    by: asString(o["by"], `${path}.by`, blob),
    target: asString(o["target"], `${path}.target`, blob),
    node: asInteger(o["node"], `${path}.node`, blob),
    text: asString(o["text"], `${path}.text`, blob),
    number: asInteger(o["number"], `${path}.number`, blob),
    after: asInteger(o["after"], `${path}.after`, blob),
  };
}

export interface DebugValuesRequest {
  readonly first: number;
  readonly count: number;
}

export function decodeDebugValuesRequest(raw: unknown, path: string, blob: Blob): DebugValuesRequest {
  const o = asRecord(raw, path, blob);
  return {
    first: asInteger(o["first"], `${path}.first`, blob),
    count: asInteger(o["count"], `${path}.count`, blob),
  };
}

export interface DebugAttributesRequest {
  readonly first: number;
  readonly count: number;
}

export function decodeDebugAttributesRequest(raw: unknown, path: string, blob: Blob): DebugAttributesRequest {
  const o = asRecord(raw, path, blob);
  return {
    first: asInteger(o["first"], `${path}.first`, blob),
    count: asInteger(o["count"], `${path}.count`, blob),
  };
}

export interface DebugDetailRequest {
  readonly text: string;
}

export function decodeDebugDetailRequest(raw: unknown, path: string, blob: Blob): DebugDetailRequest {
  const o = asRecord(raw, path, blob);
  return {
    text: asString(o["text"], `${path}.text`, blob),
  };
}

export interface DebugCompareRequest {
  readonly one: string;
  readonly other: string;
}

export function decodeDebugCompareRequest(raw: unknown, path: string, blob: Blob): DebugCompareRequest {
  const o = asRecord(raw, path, blob);
  return {
    one: asString(o["one"], `${path}.one`, blob),
    other: asString(o["other"], `${path}.other`, blob),
  };
}

export interface DebugRecordRequest {
  readonly variant: string;
}

export function decodeDebugRecordRequest(raw: unknown, path: string, blob: Blob): DebugRecordRequest {
  const o = asRecord(raw, path, blob);
  return {
    variant: asString(o["variant"], `${path}.variant`, blob),
  };
}

export interface DebugDriftRequest {
  readonly one: string;
  readonly other: string;
}

export function decodeDebugDriftRequest(raw: unknown, path: string, blob: Blob): DebugDriftRequest {
  const o = asRecord(raw, path, blob);
  return {
    one: asString(o["one"], `${path}.one`, blob),
    other: asString(o["other"], `${path}.other`, blob),
  };
}

export interface DebugPageRequest {
  readonly text: string;
  readonly first: number;
  readonly count: number;
}

export function decodeDebugPageRequest(raw: unknown, path: string, blob: Blob): DebugPageRequest {
  const o = asRecord(raw, path, blob);
  return {
    text: asString(o["text"], `${path}.text`, blob),
    first: asInteger(o["first"], `${path}.first`, blob),
    count: asInteger(o["count"], `${path}.count`, blob),
  };
}

export interface ProfileRequest {
  readonly runs: number;
  readonly nodes: string;
  readonly against: string;
}

export function decodeProfileRequest(raw: unknown, path: string, blob: Blob): ProfileRequest {
  const o = asRecord(raw, path, blob);
  return {
    runs: asInteger(o["runs"], `${path}.runs`, blob),
    nodes: asString(o["nodes"], `${path}.nodes`, blob),
    against: asString(o["against"], `${path}.against`, blob),
  };
}

export interface SweepRequest {
  readonly batch_sizes: readonly number[];
  readonly threads: readonly number[];
  readonly runs: number;
}

export function decodeSweepRequest(raw: unknown, path: string, blob: Blob): SweepRequest {
  const o = asRecord(raw, path, blob);
  return {
    batch_sizes: asIntegers(o["batch_sizes"], `${path}.batch_sizes`, blob),
    threads: asIntegers(o["threads"], `${path}.threads`, blob),
    runs: asInteger(o["runs"], `${path}.runs`, blob),
  };
}

export interface Hello {
  readonly type: string;
  readonly protocol: number;
  readonly package: string;
}

export function decodeHello(raw: unknown, path: string, blob: Blob): Hello {
  const o = asRecord(raw, path, blob);
  return {
    type: asString(o["type"], `${path}.type`, blob),
    protocol: asInteger(o["protocol"], `${path}.protocol`, blob),
    package: asString(o["package"], `${path}.package`, blob),
  };
}

export interface Request {
  readonly type: string;
  readonly id: string;
  readonly revision: number;
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export function decodeRequest(raw: unknown, path: string, blob: Blob): Request {
  const o = asRecord(raw, path, blob);
  return {
    type: asString(o["type"], `${path}.type`, blob),
    id: asString(o["id"], `${path}.id`, blob),
    revision: asInteger(o["revision"], `${path}.revision`, blob),
    kind: asString(o["kind"], `${path}.kind`, blob),
    payload: asDictionary(asIs)(o["payload"], `${path}.payload`, blob),
  };
}

export interface Reply {
  readonly type: string;
  readonly id: string;
  readonly revision: number;
  readonly payload: Readonly<Record<string, unknown>> | null;
  readonly error: DiagnosticPayload | null;
  readonly chunks: number;
}

export function decodeReply(raw: unknown, path: string, blob: Blob): Reply {
  const o = asRecord(raw, path, blob);
  return {
    type: asString(o["type"], `${path}.type`, blob),
    id: asString(o["id"], `${path}.id`, blob),
    revision: asInteger(o["revision"], `${path}.revision`, blob),
    payload: asNullable(asDictionary(asIs))(o["payload"], `${path}.payload`, blob),
    error: asNullable(decodeDiagnosticPayload)(o["error"], `${path}.error`, blob),
    chunks: asInteger(o["chunks"], `${path}.chunks`, blob),
  };
}

export interface Chunk {
  readonly type: string;
  readonly id: string;
  readonly n: number;
  readonly of: number;
}

export function decodeChunk(raw: unknown, path: string, blob: Blob): Chunk {
  const o = asRecord(raw, path, blob);
  return {
    type: asString(o["type"], `${path}.type`, blob),
    id: asString(o["id"], `${path}.id`, blob),
    n: asInteger(o["n"], `${path}.n`, blob),
    of: asInteger(o["of"], `${path}.of`, blob),
  };
}

export interface Progress {
  readonly type: string;
  readonly id: string;
  readonly done: number;
  readonly total: number;
  readonly text: string;
}

export function decodeProgress(raw: unknown, path: string, blob: Blob): Progress {
  const o = asRecord(raw, path, blob);
  return {
    type: asString(o["type"], `${path}.type`, blob),
    id: asString(o["id"], `${path}.id`, blob),
    done: asInteger(o["done"], `${path}.done`, blob),
    total: asInteger(o["total"], `${path}.total`, blob),
    text: asString(o["text"], `${path}.text`, blob),
  };
}

export interface Cancel {
  readonly type: string;
  readonly id: string;
}

export function decodeCancel(raw: unknown, path: string, blob: Blob): Cancel {
  const o = asRecord(raw, path, blob);
  return {
    type: asString(o["type"], `${path}.type`, blob),
    id: asString(o["id"], `${path}.id`, blob),
  };
}

export interface Bye {
  readonly type: string;
  readonly view: string;
}

export function decodeBye(raw: unknown, path: string, blob: Blob): Bye {
  const o = asRecord(raw, path, blob);
  return {
    type: asString(o["type"], `${path}.type`, blob),
    view: asString(o["view"], `${path}.view`, blob),
  };
}

export interface Event {
  readonly type: string;
  readonly revision: number;
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export function decodeEvent(raw: unknown, path: string, blob: Blob): Event {
  const o = asRecord(raw, path, blob);
  return {
    type: asString(o["type"], `${path}.type`, blob),
    revision: asInteger(o["revision"], `${path}.revision`, blob),
    kind: asString(o["kind"], `${path}.kind`, blob),
    payload: asDictionary(asIs)(o["payload"], `${path}.payload`, blob),
  };
}

export interface Requests {
  document: { payload: DocumentRequest; result: Document };
  asset: { payload: AssetRequest; result: Asset };
  weight: { payload: WeightRequest; result: WeightStats };
  observe: { payload: ObserveRequest; result: Observed };
  passes: { payload: PassesRequest; result: Document };
  variants: { payload: VariantsRequest; result: Document };
  save_html: { payload: SaveHtmlRequest; result: SavedHtml };
  domain: { payload: DomainRequest; result: DomainText };
  compare: { payload: CompareRequest; result: Compared };
  debug: { payload: DebugRequest; result: DebugState };
  debug_values: { payload: DebugValuesRequest; result: DebugValues };
  debug_attributes: { payload: DebugAttributesRequest; result: DebugValues };
  debug_detail: { payload: DebugDetailRequest; result: DebugDetail };
  debug_compare: { payload: DebugCompareRequest; result: DebugApart };
  debug_record: { payload: DebugRecordRequest; result: DebugState };
  debug_drift: { payload: DebugDriftRequest; result: DebugDrift };
  debug_page: { payload: DebugPageRequest; result: DebugPage };
  profile: { payload: ProfileRequest; result: Document };
  sweep: { payload: SweepRequest; result: Document };
}

export const RESULT_DECODERS: {
  [K in keyof Requests]: Decoder<Requests[K]["result"]>;
} = {
  document: decodeDocument,
  asset: decodeAsset,
  weight: decodeWeightStats,
  observe: decodeObserved,
  passes: decodeDocument,
  variants: decodeDocument,
  save_html: decodeSavedHtml,
  domain: decodeDomainText,
  compare: decodeCompared,
  debug: decodeDebugState,
  debug_values: decodeDebugValues,
  debug_attributes: decodeDebugValues,
  debug_detail: decodeDebugDetail,
  debug_compare: decodeDebugApart,
  debug_record: decodeDebugState,
  debug_drift: decodeDebugDrift,
  debug_page: decodeDebugPage,
  profile: decodeDocument,
  sweep: decodeDocument,
};
