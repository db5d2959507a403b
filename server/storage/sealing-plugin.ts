/**
 * Seals what goes into a database through Kysely, and opens what comes out. It knows a value's column where Kysely
 * does: in inserts, updates and comparisons. SQL by hand compares a sealed column by an expression of Kysely's.
 */
import { Refusal } from '@parley/core/errors.ts';
import {
  BinaryOperationNode,
  ColumnNode,
  type ColumnUpdateNode,
  type InsertQueryNode,
  type KyselyPlugin,
  type OperationNode,
  OperationNodeTransformer,
  OperatorNode,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  PrimitiveValueListNode,
  type QueryResult,
  type RawNode,
  ReferenceNode,
  type RootOperationNode,
  type UnknownRow,
  ValueListNode,
  ValueNode,
  ValuesNode,
} from 'kysely';
import { Slot } from '../log/prepared.ts';
import type { ColumnSeals } from './column-seals.ts';

export class SealingPlugin implements KyselyPlugin {
  readonly #seals: ColumnSeals;
  readonly #transformer: Sealing;

  constructor(seals: ColumnSeals) {
    this.#seals = seals;
    this.#transformer = new Sealing(seals);
  }

  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    return this.#transformer.transformNode(node);
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    openRows(result.rows, this.#seals);
    return result;
  }
}

/** Opens what is sealed in rows, in their place. */
export function openRows<R extends UnknownRow>(rows: R[], seals: ColumnSeals): R[] {
  for (const row of rows)
    for (const column in row) {
      const value = row[column];
      if (typeof value === 'string' || value instanceof Uint8Array)
        row[column] = seals.open(value) as R[typeof column];
    }
  return rows;
}

const equalities = new Set(['=', '!=', '<>', 'in', 'not in', 'is', 'is not']);

const comparedLast = /([a-z_]+)"?\s*(?:=|<>|!=)\s*$/;

class Sealing extends OperationNodeTransformer {
  readonly #seals: ColumnSeals;

  constructor(seals: ColumnSeals) {
    super();
    this.#seals = seals;
  }

  protected override transformInsertQuery(node: InsertQueryNode): InsertQueryNode {
    const whole = super.transformInsertQuery(node);
    const columns = whole.columns?.map(({ column }) => column.name);
    if (!columns || !whole.values || !ValuesNode.is(whole.values)) return whole;
    const rows = whole.values.values.map((row) =>
      PrimitiveValueListNode.is(row)
        ? PrimitiveValueListNode.create(row.values.map((value, i) => this.#sealed(columns[i], value)))
        : ValueListNode.create(row.values.map((value, i) => this.#sealedNode(columns[i], value))),
    );
    return { ...whole, values: ValuesNode.create(rows) };
  }

  protected override transformColumnUpdate(node: ColumnUpdateNode): ColumnUpdateNode {
    const whole = super.transformColumnUpdate(node);
    return { ...whole, value: this.#sealedNode(columnOf(whole.column), whole.value) };
  }

  protected override transformBinaryOperation(node: BinaryOperationNode): BinaryOperationNode {
    const { leftOperand, operator, rightOperand } = super.transformBinaryOperation(node);
    const column = columnOf(leftOperand);
    const right = this.#sealedNode(column, rightOperand, () => this.#checkComparison(column, operator));
    return BinaryOperationNode.create(leftOperand, operator, right);
  }

  /** A text in SQL by hand must stand right after a comparison of a plain column: of others nobody would find it. */
  protected override transformRaw(node: RawNode): RawNode {
    for (const [i, parameter] of node.parameters.entries())
      if (ValueNode.is(parameter) && mayBeText(parameter.value)) {
        const [, column] = comparedLast.exec(node.sqlFragments[i] ?? '') ?? [];
        if (column === undefined || this.#seals.isSealed(column))
          throw new Refusal('fault', {
            detail: `SQL by hand compares ${column ?? 'something'}, which may be sealed`,
          });
      }
    return super.transformRaw(node);
  }

  #checkComparison(column: string | undefined, operator: OperationNode): void {
    const name = OperatorNode.is(operator) ? operator.operator : '';
    if (!this.#seals.comparable || !equalities.has(name))
      throw new Refusal('fault', { detail: `the sealed column ${column} cannot be compared by ${name}` });
  }

  /** The same node where nothing in it is sealed. @param check asked before a value is given away sealed */
  #sealedNode(column: string | undefined, node: OperationNode, check?: () => void): OperationNode {
    if (ValueNode.is(node)) {
      const value = this.#sealed(column, node.value, check);
      return value === node.value ? node : ValueNode.create(value);
    }
    if (PrimitiveValueListNode.is(node)) {
      const values = node.values.map((value) => this.#sealed(column, value, check));
      return values.every((value, i) => value === node.values[i])
        ? node
        : PrimitiveValueListNode.create(values);
    }
    if (!ValueListNode.is(node)) return node;
    const values = node.values.map((value) => this.#sealedNode(column, value, check));
    return values.every((value, i) => value === node.values[i]) ? node : ValueListNode.create(values);
  }

  #sealed(column: string | undefined, value: unknown, check = () => {}): unknown {
    if (column === undefined || !this.#seals.isSealed(column)) return value;
    if (value instanceof Slot) return value.through((given) => this.#sealed(column, given, check));
    const sealed = this.#seals.seal(column, value);
    if (sealed !== value) check();
    return sealed;
  }
}

/** What stands in a slot is not known yet. */
function mayBeText(value: unknown): boolean {
  return typeof value === 'string' || value instanceof Slot;
}

function columnOf(node: OperationNode): string | undefined {
  const column = ReferenceNode.is(node) ? node.column : node;
  return ColumnNode.is(column) ? column.column.name : undefined;
}
