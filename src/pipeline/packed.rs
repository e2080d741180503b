//! Tables in memory whose numbers take the room that they need.
//!
//! Statements compute with 64 bits. What they leave are hours, counts and numbers of flows, which differ little within a batch: as
//! distances from the least of their batch in 8, 16 or 32 bits they take a third of the room, and are 64 bits again as they are read.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, RecordBatchOptions};
use datafusion::arrow::compute::{max, min};
use datafusion::arrow::datatypes::{DataType, Int64Type, SchemaRef, UInt8Type, UInt16Type, UInt32Type};
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result as DfResult, ScalarValue, Statistics};
use datafusion::datasource::source::{DataSource, DataSourceExec};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayFormatType, ExecutionPlan};
use futures::stream;

/// Rows of a batch from which on packing pays.
const WORTH: usize = 1024;

/// A column of a batch.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) values: ArrayRef,
    /// What to add to each value, where they are packed.
    base: Option<i64>,
    /// Least and greatest number.
    range: Option<(i64, i64)>,
}

impl Column {
    fn new(values: &ArrayRef) -> Self {
        let plain = |range| Self { values: Arc::clone(values), base: None, range };
        let Some(numbers) = values.as_primitive_opt::<Int64Type>() else { return plain(None) };
        let Some((least, greatest)) = min(numbers).zip(max(numbers)) else { return plain(None) };
        let range = Some((least, greatest));
        match narrowed(numbers, least, greatest).filter(|_| numbers.len() >= WORTH) {
            Some(values) => Self { values, base: Some(least), range },
            None => plain(range),
        }
    }

    fn unpacked(&self) -> ArrayRef {
        let Some(base) = self.base else { return Arc::clone(&self.values) };
        let numbers: Int64Array = match self.values.data_type() {
            DataType::UInt8 => self.values.as_primitive::<UInt8Type>().unary(|n| base.wrapping_add(n.into())),
            DataType::UInt16 => self.values.as_primitive::<UInt16Type>().unary(|n| base.wrapping_add(n.into())),
            _ => self.values.as_primitive::<UInt32Type>().unary(|n| base.wrapping_add(n.into())),
        };
        Arc::new(numbers)
    }

    /// Bytes of the column as statements see it.
    fn bytes(&self) -> usize {
        match self.values.data_type() {
            DataType::Boolean => self.values.len() / 8,
            DataType::Int64 | DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => self.values.len() * 8,
            DataType::Utf8View => self.values.len() * 16,
            _ => self.values.get_array_memory_size(),
        }
    }
}

/// The distances from the least number; `None` where they take 64 bits.
fn narrowed(numbers: &Int64Array, least: i64, greatest: i64) -> Option<ArrayRef> {
    let from_least = |n: i64| n.wrapping_sub(least) as u64;
    Some(match from_least(greatest) {
        0..=0xff => Arc::new(numbers.unary::<_, UInt8Type>(|n| from_least(n) as u8)),
        0x100..=0xffff => Arc::new(numbers.unary::<_, UInt16Type>(|n| from_least(n) as u16)),
        0x1_0000..=0xffff_ffff => Arc::new(numbers.unary::<_, UInt32Type>(|n| from_least(n) as u32)),
        _ => return None,
    })
}

/// A batch, its numbers packed.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    pub(super) columns: Vec<Column>,
    pub(super) rows: usize,
}

impl Packed {
    /// Packs a batch. What is packed of a slice does not hold on to the arrays that it is a slice of.
    pub(super) fn new(batch: &RecordBatch) -> Self {
        Self { columns: batch.columns().iter().map(Column::new).collect(), rows: batch.num_rows() }
    }
}

/// A table of packed batches, by partition.
#[derive(Debug)]
pub(super) struct PackedTable {
    partitions: Vec<Vec<Packed>>,
}

impl PackedTable {
    pub(super) fn new(partitions: Vec<Vec<Packed>>) -> Self {
        Self { partitions }
    }

    /// Reads these columns, which have this schema.
    pub(super) fn scan(self: Arc<Self>, columns: Vec<usize>, schema: SchemaRef) -> Arc<dyn ExecutionPlan> {
        DataSourceExec::from_data_source(Scan { table: self, columns, schema })
    }
}

#[derive(Debug, Clone)]
struct Scan {
    table: Arc<PackedTable>,
    columns: Vec<usize>,
    schema: SchemaRef,
}

impl DataSource for Scan {
    fn open(&self, partition: usize, _context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let Self { table, columns, schema } = self.clone();
        let batches = (0..table.partitions[partition].len()).map(move |at| {
            let batch = &table.partitions[partition][at];
            let options = RecordBatchOptions::new().with_row_count(Some(batch.rows));
            let columns = columns.iter().map(|column| batch.columns[*column].unpacked()).collect();
            Ok(RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &options)?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), stream::iter(batches))))
    }

    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "packed, partitions={}", self.table.partitions.len())
    }

    fn output_partitioning(&self) -> Partitioning {
        Partitioning::UnknownPartitioning(self.table.partitions.len())
    }

    fn eq_properties(&self) -> EquivalenceProperties {
        EquivalenceProperties::new(Arc::clone(&self.schema))
    }

    fn partition_statistics(&self, partition: Option<usize>) -> DfResult<Arc<Statistics>> {
        let partitions = match partition {
            Some(partition) => &self.table.partitions[partition..=partition],
            None => &self.table.partitions[..],
        };
        let batches = || partitions.iter().flatten();
        let bytes = batches().flat_map(|batch| self.columns.iter().map(|column| batch.columns[*column].bytes())).sum();
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = Precision::Exact(batches().map(|batch| batch.rows).sum());
        statistics.total_byte_size = Precision::Exact(bytes);
        for (known, column) in statistics.column_statistics.iter_mut().zip(&self.columns) {
            let columns = || batches().map(|batch| &batch.columns[*column]);
            known.null_count = Precision::Exact(columns().map(|column| column.values.null_count()).sum());
            // How many rows a join gives is estimated by the ranges of its keys; without them the larger side may be the one that it keeps.
            let ranges = || columns().filter_map(|column| column.range);
            let number = |n: Option<i64>| n.map_or(Precision::Absent, |n| Precision::Inexact(ScalarValue::from(n)));
            known.min_value = number(ranges().map(|(least, _)| least).min());
            known.max_value = number(ranges().map(|(_, greatest)| greatest).max());
        }
        Ok(Arc::new(statistics))
    }

    fn with_fetch(&self, _: Option<usize>) -> Option<Arc<dyn DataSource>> {
        None
    }

    fn fetch(&self) -> Option<usize> {
        None
    }

    fn try_swapping_with_projection(&self, _: &ProjectionExprs) -> DfResult<Option<Arc<dyn DataSource>>> {
        Ok(None)
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DfResult<TreeNodeRecursion>,
    ) -> DfResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::StringViewArray;
    use proptest::prelude::*;

    use super::*;

    fn packed(numbers: &Int64Array) -> Column {
        let column = Column::new(&(Arc::new(numbers.clone()) as ArrayRef));
        assert_eq!(column.unpacked().as_primitive::<Int64Type>(), numbers);
        column
    }

    #[test]
    fn numbers_take_the_room_that_they_need() {
        let spread = |most: i64| packed(&(0..2000).map(|n| Some(if n == 7 { most } else { n % 200 })).collect());
        let kinds = [255, 256, 65_535, 65_536, (1 << 32) - 1, 1 << 32, i64::MAX];
        let kinds = kinds.map(|most| spread(most).values.data_type().clone());
        use DataType::{Int64, UInt8, UInt16, UInt32};
        assert_eq!(kinds, [UInt8, UInt16, UInt16, UInt32, UInt32, Int64, Int64]);
        // Hours are as many seconds apart wherever they lie.
        let hours = packed(&(0..2000).map(|n| Some(1_791_000_000 + 3600 * (n % 48))).collect());
        assert_eq!(hours.values.data_type(), &UInt32);
        assert_eq!(packed(&Int64Array::new_null(2000)).values.data_type(), &Int64);
        assert_eq!(packed(&(0..10).collect::<Vec<i64>>().into()).values.data_type(), &Int64);
        let texts: ArrayRef = Arc::new((0..2000).map(|n| Some(n.to_string())).collect::<StringViewArray>());
        assert_eq!(&Column::new(&texts).unpacked(), &texts);
    }

    proptest! {
        #[test]
        fn numbers_stay(numbers in prop::collection::vec(prop::option::of(prop_oneof![any::<i64>(), -300..300_i64, Just(i64::MIN), Just(i64::MAX)]), WORTH..WORTH + 40), bits in 0..64) {
            let numbers: Int64Array = numbers.into_iter().map(|n| n.map(|n: i64| n >> bits)).collect();
            packed(&numbers);
            packed(&numbers.slice(3, numbers.len() - 8));
        }
    }
}
