import {
  type AnyNode,
  type CallExpression,
  type ImportDeclaration,
  type Node,
  type Pattern,
  type Program,
  parse,
  tokenizer,
  type VariableDeclaration,
} from "acorn";
import MagicString from "magic-string";
import { transform } from "sucrase";

/** What was typed ends in the middle: more lines are to come. */
export class IncompleteCode extends SyntaxError {}

/** Code as the prompt runs it: the body of an async function over names of the prompt's scope. */
export interface PromptCode {
  readonly body: string;
  /** Names that it declares or assigns at the top level. */
  readonly names: readonly string[];
}

/** Name under which the code finds the `import()` of the prompt. */
export const importName = "$import";
/** Name of a function that each awaited value passes: it ends code that nobody waits for any longer. */
export const valueName = "$value";

/**
 * Rewrites what is typed at the prompt, TypeScript included, so that nobody has to type `await`:
 *
 * - every call is awaited, and so are the elements of `for … of`, but not inside functions (those stay as written), nor the operand of `void`: `void scan.run()`
 *   starts a scan and goes on;
 * - names declared at the top level become names of the prompt, and so survive to the next line;
 * - `import` declarations and `import()` load modules from the current directory;
 * - the value of the last statement is returned when it is an expression.
 *
 * @throws IncompleteCode when more lines are needed, SyntaxError when the code is wrong
 */
export function awaitCalls(typed: string): PromptCode {
  const { source, program } = parseTyped(typed);
  const rewriter = new Rewriter(source);
  rewriter.rewrite(program);
  return { body: rewriter.toString(), names: [...rewriter.names] };
}

function parseTyped(typed: string): { readonly source: string; readonly program: Program } {
  const text = typed.trim();
  // like a console, take {a: 1} as an object and not as a block with a label
  if (text.startsWith("{") && text.endsWith("}")) {
    try {
      return parseTypeScript(`(${text})`);
    } catch {
      // a block after all
    }
  }
  return parseTypeScript(typed);
}

function parseTypeScript(typed: string): { readonly source: string; readonly program: Program } {
  const source = atPosition(typed, () =>
    transform(typed, { transforms: ["typescript"], disableESTransforms: true, keepUnusedImports: true }),
  ).code;
  const options = { ecmaVersion: "latest", sourceType: "module", allowAwaitOutsideFunction: true } as const;
  return { source, program: atPosition(source, () => parse(source, options)) };
}

/** Runs a parser, and tells code that only ends too early from wrong code. */
function atPosition<T>(source: string, parser: () => T): T {
  try {
    return parser();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { message } = error;
    const atEnd = "pos" in error && typeof error.pos === "number" && error.pos >= source.trimEnd().length;
    if (atEnd || /Unterminated (template|comment)|Missing catch or finally/.test(message) || hasOpenBracket(source)) {
      throw new IncompleteCode(message, { cause: error });
    }
    throw new SyntaxError(message.replace(/^Error transforming.*?: /, ""), { cause: error });
  }
}

/** Parsers that try several readings of an arrow function tell the wrong place of its end. */
function hasOpenBracket(source: string): boolean {
  let depth = 0;
  try {
    for (const { type } of tokenizer(source, { ecmaVersion: "latest" })) {
      if (["{", "${", "(", "["].includes(type.label)) depth += 1;
      else if (["}", ")", "]"].includes(type.label)) depth -= 1;
    }
  } catch {
    return false;
  }
  return depth > 0;
}

class Rewriter {
  readonly names = new Set<string>();
  /** Functions come first: they may be called before they are declared. */
  readonly #functions: string[] = [];
  readonly #code: MagicString;

  constructor(source: string) {
    this.#code = new MagicString(source);
  }

  toString(): string {
    return [...this.#functions, this.#code.toString()].join(" ");
  }

  rewrite(program: Program): void {
    for (const [index, statement] of program.body.entries()) {
      this.#visit(statement, undefined);
      this.#declare(statement);
      if (index === program.body.length - 1 && statement.type === "ExpressionStatement") {
        this.#code.prependLeft(statement.start, "return (").appendRight(statement.expression.end, ")");
      }
    }
    this.#separateStatements(program.body);
  }

  /** Makes names of the prompt from what a statement of the top level declares. */
  #declare(statement: Program["body"][number]): void {
    if (statement.type === "VariableDeclaration") {
      this.#declareVariables(statement);
    } else if (statement.type === "FunctionDeclaration") {
      this.names.add(statement.id.name);
      this.#functions.push(`${statement.id.name} = ${this.#code.slice(statement.start, statement.end)};`);
      this.#code.remove(statement.start, statement.end);
    } else if (statement.type === "ClassDeclaration") {
      this.names.add(statement.id.name);
      this.#code.appendLeft(statement.start, `${statement.id.name} = `).appendRight(statement.end, ";");
    } else if (statement.type === "ImportDeclaration") {
      this.#declareImports(statement);
    } else if (statement.type === "ExpressionStatement" && statement.expression.type === "AssignmentExpression") {
      this.#addNames(statement.expression.left);
    }
  }

  #declareVariables({ kind, declarations, start }: VariableDeclaration): void {
    if (kind.endsWith("using")) throw new SyntaxError(`${kind} has no scope to end at the prompt`);
    for (const [index, { id, init }] of declarations.entries()) {
      this.#addNames(id);
      if (index === 0) this.#code.overwrite(start, id.start, "(");
      else this.#code.appendLeft(id.start, "(");
      this.#code.appendRight((init ?? id).end, init ? ")" : " = undefined)");
    }
  }

  #declareImports({ start, end, source, specifiers }: ImportDeclaration): void {
    const assignments = specifiers.map((specifier) => {
      const { name } = specifier.local;
      this.names.add(name);
      if (specifier.type === "ImportNamespaceSpecifier") return `${name} = $module;`;
      const exported = specifier.type === "ImportSpecifier" ? nameOf(specifier.imported) : "default";
      return `${name} = $module[${JSON.stringify(exported)}];`;
    });
    const module = `await ${importName}(${JSON.stringify(source.value)})`;
    this.#code.overwrite(start, end, `{ const $module = ${module}; ${assignments.join(" ")} }`);
  }

  #addNames(pattern: Pattern): void {
    for (const name of boundNames(pattern)) this.names.add(name);
  }

  #visit(node: AnyNode, parent: AnyNode | undefined): void {
    if (/^(?:Arrow)?Function|^Class/.test(node.type)) {
      this.#rewriteImports(node);
      return;
    }
    if (node.type === "ChainExpression") {
      this.#visitChain(node.expression, node);
      return;
    }
    if (node.type === "ImportExpression") this.#replaceImport(node);
    if (/^(?:Import|Call|TaggedTemplate)Expression$/.test(node.type)) this.#await(node, parent);
    if (node.type === "ForOfStatement" && !node.await) this.#code.appendLeft(node.start + "for".length, " await");
    if (node.type === "BlockStatement") this.#separateStatements(node.body);
    if (node.type === "SwitchCase") this.#separateStatements(node.consequent);
    for (const child of children(node)) this.#visit(child, node);
  }

  /** Functions stay as written, but for `import()`, which must find the modules of the prompt. */
  #rewriteImports(node: AnyNode): void {
    if (node.type === "ImportExpression") this.#replaceImport(node);
    for (const child of children(node)) this.#rewriteImports(child);
  }

  #replaceImport({ start }: Node): void {
    this.#code.overwrite(start, start + "import".length, importName);
  }

  #await(node: AnyNode, parent: AnyNode | undefined): void {
    if (parent?.type === "AwaitExpression" || (parent?.type === "UnaryExpression" && parent.operator === "void"))
      return;
    this.#code.appendLeft(node.start, `${valueName}(await `).prependRight(node.end, ")");
  }

  /**
   * `a?.b().c()` must not go on after a missing `a`: once an inner call is awaited it is a value of its own, so each
   * following step asks again.
   */
  #visitChain(node: AnyNode, parent: AnyNode): void {
    if (node.type !== "CallExpression" && node.type !== "MemberExpression") {
      this.#visit(node, parent);
      return;
    }
    const inner = node.type === "CallExpression" ? node.callee : node.object;
    if (node.type === "CallExpression") {
      this.#await(node, parent);
      for (const argument of node.arguments) this.#visit(argument, node);
    } else if (node.computed) {
      this.#visit(node.property, node);
    }
    if (!node.optional && inner.type === "CallExpression" && shortCircuits(inner)) {
      const dot = node.type === "MemberExpression" && !node.computed;
      this.#code.appendRight(inner.end, dot ? "?" : "?.");
    }
    this.#visitChain(inner, node);
  }

  /** A bracket at the start of a line would continue the line before. */
  #separateStatements(statements: readonly Node[]): void {
    for (const statement of statements) {
      if (statement.type === "ExpressionStatement" || statement.type === "VariableDeclaration") {
        this.#code.prependLeft(statement.start, ";");
      }
    }
  }
}

function shortCircuits(call: CallExpression): boolean {
  for (let node: Node = call; ; ) {
    const step = node as AnyNode; // every node that acorn makes is one of the union
    if (step.type !== "CallExpression" && step.type !== "MemberExpression") return false;
    if (step.optional) return true;
    node = step.type === "CallExpression" ? step.callee : step.object;
  }
}

function boundNames(pattern: Pattern): readonly string[] {
  if (pattern.type === "Identifier") return [pattern.name];
  if (pattern.type === "AssignmentPattern") return boundNames(pattern.left);
  if (pattern.type === "RestElement") return boundNames(pattern.argument);
  if (pattern.type === "ArrayPattern")
    return pattern.elements.flatMap((element) => (element ? boundNames(element) : []));
  if (pattern.type === "MemberExpression") return [];
  return pattern.properties.flatMap((property) =>
    boundNames(property.type === "Property" ? property.value : property.argument),
  );
}

function nameOf(node: { readonly name: string } | { readonly value?: unknown }): string {
  return "name" in node ? node.name : String(node.value);
}

function* children(node: AnyNode): Generator<AnyNode> {
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === "object" && child !== null && typeof child.type === "string") yield child;
    }
  }
}
