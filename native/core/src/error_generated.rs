// Generated from schema/errors.toml by `npm run generate`; edit the schema, not this file.

use std::str::FromStr;

/// The stable name of a failure; names that Spark has are Spark's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// `UNRESOLVED_COLUMN.WITH_SUGGESTION` (user)
    UnresolvedColumnWithSuggestion,
    /// `UNRESOLVED_COLUMN.WITHOUT_SUGGESTION` (user)
    UnresolvedColumnWithoutSuggestion,
    /// `UNRESOLVED_COLUMN_AMONG_FIELD_NAMES` (user)
    UnresolvedColumnAmongFieldNames,
    /// `AMBIGUOUS_REFERENCE` (user)
    AmbiguousReference,
    /// `FIELD_NOT_FOUND` (user)
    FieldNotFound,
    /// `INVALID_EXTRACT_BASE_FIELD_TYPE` (user)
    InvalidExtractBaseFieldType,
    /// `UNRESOLVED_ROUTINE` (user)
    UnresolvedRoutine,
    /// `DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE` (user)
    DatatypeMismatchUnexpectedInputType,
    /// `DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES` (user)
    DatatypeMismatchBinaryOpDiffTypes,
    /// `DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE` (user)
    DatatypeMismatchBinaryOpWrongType,
    /// `DATATYPE_MISMATCH.DATA_DIFF_TYPES` (user)
    DatatypeMismatchDataDiffTypes,
    /// `DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION` (user)
    DatatypeMismatchCastWithoutSuggestion,
    /// `DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN` (user)
    DatatypeMismatchFilterNotBoolean,
    /// `DATATYPE_MISMATCH.NON_FOLDABLE_INPUT` (user)
    DatatypeMismatchNonFoldableInput,
    /// `WRONG_NUM_ARGS.WITHOUT_SUGGESTION` (user)
    WrongNumArgsWithoutSuggestion,
    /// `CANNOT_PARSE_INTERVAL` (user)
    CannotParseInterval,
    /// `PARSE_SYNTAX_ERROR` (user)
    ParseSyntaxError,
    /// `UNSUPPORTED_DATATYPE` (user)
    UnsupportedDatatype,
    /// `CANNOT_PARSE_TIMESTAMP` (user)
    CannotParseTimestamp,
    /// `CAST_INVALID_INPUT` (user)
    CastInvalidInput,
    /// `CAST_OVERFLOW` (user)
    CastOverflow,
    /// `ARITHMETIC_OVERFLOW` (user)
    ArithmeticOverflow,
    /// `DIVIDE_BY_ZERO` (user)
    DivideByZero,
    /// `INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION` (user)
    InconsistentBehaviorCrossVersionDatetimePatternRecognition,
    /// `INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER` (user)
    InvalidDatetimePatternIllegalCharacter,
    /// `MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION` (user)
    MalformedRecordInParsingWithoutSuggestion,
    /// `PARSE_MODE_UNSUPPORTED` (user)
    ParseModeUnsupported,
    /// `EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE` (user)
    EventTimeIsNotOnTimestampType,
    /// `EVENT_TIME_MUST_BE_TOP_LEVEL_COLUMN` (user)
    EventTimeMustBeTopLevelColumn,
    /// `_LEGACY_ERROR_TEMP_1181` (user)
    LegacyErrorTemp1181,
    /// `_LEGACY_ERROR_TEMP_3063` (user)
    LegacyErrorTemp3063,
    /// `_LEGACY_ERROR_TEMP_3076` (user)
    LegacyErrorTemp3076,
    /// `_LEGACY_ERROR_TEMP_3101` (user)
    LegacyErrorTemp3101,
    /// `_LEGACY_ERROR_TEMP_3102` (user)
    LegacyErrorTemp3102,
    /// `WRITE_STREAM_NOT_ALLOWED` (user)
    WriteStreamNotAllowed,
    /// `INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE` (user)
    InvalidLimitLikeExpressionIsNegative,
    /// `STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION` (user)
    StreamingOutputModeUnsupportedOperation,
    /// `STREAMING_OUTPUT_MODE.INVALID` (user)
    StreamingOutputModeInvalid,
    /// `_LEGACY_ERROR_TEMP_3231` (user)
    LegacyErrorTemp3231,
    /// `_LEGACY_ERROR_TEMP_1039` (user)
    LegacyErrorTemp1039,
    /// `_LEGACY_ERROR_TEMP_1040` (user)
    LegacyErrorTemp1040,
    /// `DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION` (user)
    DatatypeMismatchParameterConstraintViolation,
    /// `DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE` (user)
    DatatypeMismatchValueOutOfRange,
    /// `MISSING_AGGREGATION` (user)
    MissingAggregation,
    /// `STREAM_FAILED` (internal)
    StreamFailed,
    /// `PATH_NOT_FOUND` (user)
    PathNotFound,
    /// `FILE_READ_FAILED` (external)
    FileReadFailed,
    /// `FILE_WRITE_FAILED` (external)
    FileWriteFailed,
    /// `_LEGACY_ERROR_TEMP_2048` (user)
    LegacyErrorTemp2048,
    /// `UNABLE_TO_INFER_SCHEMA` (user)
    UnableToInferSchema,
    /// `DATA_SOURCE_NOT_FOUND` (user)
    DataSourceNotFound,
    /// `OPTION_INVALID` (user)
    OptionInvalid,
    /// `CONFIG_UNKNOWN` (user)
    ConfigUnknown,
    /// `CONFIG_INVALID` (user)
    ConfigInvalid,
    /// `ARGUMENT_INVALID` (user)
    ArgumentInvalid,
    /// `VALUE_NOT_ENCODABLE` (user)
    ValueNotEncodable,
    /// `KAFKA_UNREACHABLE` (external)
    KafkaUnreachable,
    /// `KAFKA_TOPIC_NOT_FOUND` (external)
    KafkaTopicNotFound,
    /// `KAFKA_BATCH_CORRUPT` (external)
    KafkaBatchCorrupt,
    /// `KAFKA_BATCH_UNSUPPORTED` (external)
    KafkaBatchUnsupported,
    /// `KAFKA_DATA_LOSS.COULD_NOT_READ_OFFSET_RANGE` (external)
    KafkaDataLossCouldNotReadOffsetRange,
    /// `KAFKA_DATA_LOSS.PARTITION_OFFSET_CHANGED` (external)
    KafkaDataLossPartitionOffsetChanged,
    /// `KAFKA_DATA_LOSS.PARTITIONS_DELETED` (external)
    KafkaDataLossPartitionsDeleted,
    /// `KAFKA_DATA_LOSS.PARTITIONS_DELETED_AND_GROUP_ID_CONFIG_PRESENT` (external)
    KafkaDataLossPartitionsDeletedAndGroupIdConfigPresent,
    /// `KAFKA_DATA_LOSS.INITIAL_OFFSET_NOT_FOUND_FOR_PARTITIONS` (external)
    KafkaDataLossInitialOffsetNotFoundForPartitions,
    /// `KAFKA_DATA_LOSS.ADDED_PARTITION_DOES_NOT_START_FROM_OFFSET_ZERO` (external)
    KafkaDataLossAddedPartitionDoesNotStartFromOffsetZero,
    /// `KAFKA_START_OFFSET_DOES_NOT_MATCH_ASSIGNED` (user)
    KafkaStartOffsetDoesNotMatchAssigned,
    /// `KAFKA_TIMESTAMP_OFFSET_DOES_NOT_MATCH_ASSIGNED` (user)
    KafkaTimestampOffsetDoesNotMatchAssigned,
    /// `MISMATCHED_TOPIC_PARTITIONS_BETWEEN_START_OFFSET_AND_END_OFFSET` (user)
    MismatchedTopicPartitionsBetweenStartOffsetAndEndOffset,
    /// `UNRESOLVED_START_OFFSET_GREATER_THAN_END_OFFSET` (user)
    UnresolvedStartOffsetGreaterThanEndOffset,
    /// `UNRESOLVED_START_TIMESTAMP_GREATER_THAN_END_TIMESTAMP` (user)
    UnresolvedStartTimestampGreaterThanEndTimestamp,
    /// `RESOLVED_START_OFFSET_GREATER_THAN_END_OFFSET` (user)
    ResolvedStartOffsetGreaterThanEndOffset,
    /// `KAFKA_NULL_TOPIC_IN_DATA` (user)
    KafkaNullTopicInData,
    /// `KAFKA_RECORD_INVALID` (user)
    KafkaRecordInvalid,
    /// `_LEGACY_ERROR_TEMP_3080` (user)
    LegacyErrorTemp3080,
    /// `_LEGACY_ERROR_TEMP_3081` (user)
    LegacyErrorTemp3081,
    /// `KAFKA_WRITE_FAILED` (external)
    KafkaWriteFailed,
    /// `KAFKA_FETCH_FAILED` (external)
    KafkaFetchFailed,
    /// `STATE_MEMORY_LIMIT_EXCEEDED` (user)
    StateMemoryLimitExceeded,
    /// `LIMIT_EXCEEDED` (user)
    LimitExceeded,
    /// `OUT_OF_MEMORY` (external)
    OutOfMemory,
    /// `STATE_FILE_CORRUPT` (external)
    StateFileCorrupt,
    /// `STATE_FILE_MISMATCH` (user)
    StateFileMismatch,
    /// `STATE_POISONED` (internal)
    StatePoisoned,
    /// `CHECKPOINT_CORRUPT` (external)
    CheckpointCorrupt,
    /// `CHECKPOINT_INCOMPLETE` (external)
    CheckpointIncomplete,
    /// `CHECKPOINT_NOT_FOUND` (user)
    CheckpointNotFound,
    /// `CHECKPOINT_SOURCES_CHANGED` (user)
    CheckpointSourcesChanged,
    /// `CHECKPOINT_LOCKED` (user)
    CheckpointLocked,
    /// `CHECKPOINT_FENCED` (external)
    CheckpointFenced,
    /// `CHECKPOINT_POISONED` (external)
    CheckpointPoisoned,
    /// `STATE_STORE_INVALID_CONFIG_AFTER_RESTART` (user)
    StateStoreInvalidConfigAfterRestart,
    /// `STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE` (user)
    StateStoreKeySchemaNotCompatible,
    /// `STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE` (user)
    StateStoreValueSchemaNotCompatible,
    /// `STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA` (user)
    StreamingStatefulOperatorNotMatchInStateMetadata,
    /// `BATCH_BORDER_INVALID` (internal)
    BatchBorderInvalid,
    /// `QUERY_NOT_ACTIVE` (user)
    QueryNotActive,
    /// `QUERY_ALREADY_ACTIVE` (user)
    QueryAlreadyActive,
    /// `NATIVE_ADDON_MISSING` (external)
    NativeAddonMissing,
    /// `NATIVE_PANIC` (internal)
    NativePanic,
    /// `WORKER_LOST` (internal)
    WorkerLost,
    /// `INTERNAL_ERROR` (internal)
    InternalError,
    /// `INVALID_TIMEZONE` (user)
    InvalidTimezone,
    /// `INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN` (user)
    InconsistentBehaviorCrossVersionDatetimeWeekBasedPattern,
    /// `INVALID_DATETIME_PATTERN.LENGTH` (user)
    InvalidDatetimePatternLength,
    /// `INVALID_DATETIME_PATTERN.WITH_SUGGESTION` (user)
    InvalidDatetimePatternWithSuggestion,
    /// `MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_JSON_ARRAYS_AS_STRUCTS` (user)
    MalformedRecordInParsingCannotParseJsonArraysAsStructs,
    /// `MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_STRING_AS_DATATYPE` (user)
    MalformedRecordInParsingCannotParseStringAsDatatype,
    /// `INVALID_CORRUPT_RECORD_TYPE` (user)
    InvalidCorruptRecordType,
    /// `DATATYPE_MISMATCH.INVALID_JSON_MAP_KEY_TYPE` (user)
    DatatypeMismatchInvalidJsonMapKeyType,
    /// `INCONSISTENT_BEHAVIOR_CROSS_VERSION.PARSE_DATETIME_BY_NEW_PARSER` (user)
    InconsistentBehaviorCrossVersionParseDatetimeByNewParser,
    /// `INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION` (user)
    IntervalArithmeticOverflowWithSuggestion,
    /// `INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION` (user)
    IntervalArithmeticOverflowWithoutSuggestion,
    /// `INVALID_INTERVAL_FORMAT.UNSUPPORTED_FROM_TO_EXPRESSION` (user)
    InvalidIntervalFormatUnsupportedFromToExpression,
    /// `INVALID_TYPED_LITERAL` (user)
    InvalidTypedLiteral,
    /// `INVALID_FRACTION_OF_SECOND` (user)
    InvalidFractionOfSecond,
    /// `DECIMAL_SCALE_EXCEEDS_PRECISION` (user)
    DecimalScaleExceedsPrecision,
    /// `_LEGACY_ERROR_TEMP_1207` (user)
    LegacyErrorTemp1207,
    /// `_LEGACY_ERROR_TEMP_0029` (user)
    LegacyErrorTemp0029,
    /// `UNSUPPORTED_TIME_PRECISION` (user)
    UnsupportedTimePrecision,
    /// `GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE` (user)
    GroupExpressionTypeIsNotOrderable,
    /// `INTERVAL_DIVIDED_BY_ZERO` (user)
    IntervalDividedByZero,
    /// `_LEGACY_ERROR_TEMP_2000` (user)
    LegacyErrorTemp2000,
    /// `NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION` (user)
    NumericValueOutOfRangeWithSuggestion,
    /// `TABLE_OR_VIEW_NOT_FOUND` (user)
    TableOrViewNotFound,
    /// `GROUP_BY_POS_AGGREGATE` (user)
    GroupByPosAggregate,
    /// `GROUP_BY_POS_OUT_OF_RANGE` (user)
    GroupByPosOutOfRange,
    /// `DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION` (user)
    DecimalPrecisionExceedsMaxPrecision,
    /// `INVALID_NUMERIC_LITERAL_RANGE` (user)
    InvalidNumericLiteralRange,
    /// `DATATYPE_MISMATCH.INVALID_ORDERING_TYPE` (user)
    DatatypeMismatchInvalidOrderingType,
    /// `DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE` (user)
    DatatypeMismatchUnsupportedInputType,
    /// `UNSUPPORTED_TIME_TYPE` (user)
    UnsupportedTimeType,
    /// `INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH` (user)
    InvalidLambdaFunctionCallNumArgsMismatch,
    /// `INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION` (user)
    InvalidLambdaFunctionCallNonHigherOrderFunction,
    /// `COMPARATOR_RETURNS_NULL` (user)
    ComparatorReturnsNull,
    /// `DATATYPE_MISMATCH.MAP_ZIP_WITH_DIFF_TYPES` (user)
    DatatypeMismatchMapZipWithDiffTypes,
    /// `MISSING_GROUP_BY` (user)
    MissingGroupBy,
    /// `NESTED_AGGREGATE_FUNCTION` (user)
    NestedAggregateFunction,
    /// `INVALID_WHERE_CONDITION` (user)
    InvalidWhereCondition,
    /// `UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS` (user)
    UnsupportedGeneratorNestedInExpressions,
    /// `UNSUPPORTED_GENERATOR.OUTSIDE_SELECT` (user)
    UnsupportedGeneratorOutsideSelect,
    /// `UNSUPPORTED_GENERATOR.NOT_GENERATOR` (user)
    UnsupportedGeneratorNotGenerator,
    /// `UDTF_ALIAS_NUMBER_MISMATCH` (user)
    UdtfAliasNumberMismatch,
    /// `MULTI_ALIAS_WITHOUT_GENERATOR` (user)
    MultiAliasWithoutGenerator,
    /// `DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES` (user)
    DatatypeMismatchStackColumnDiffTypes,
    /// `DATATYPE_MISMATCH.NON_STRING_TYPE` (user)
    DatatypeMismatchNonStringType,
    /// `UNSUPPORTED_GROUPING_EXPRESSION` (user)
    UnsupportedGroupingExpression,
    /// `GROUPING_COLUMN_MISMATCH` (user)
    GroupingColumnMismatch,
    /// `GROUPING_ID_COLUMN_MISMATCH` (user)
    GroupingIdColumnMismatch,
    /// `UNEXPECTED_OPERATOR_LAMBDA` (user)
    UnexpectedOperatorLambda,
    /// `NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION` (user)
    NumericValueOutOfRangeWithoutSuggestion,
    /// `BINARY_ARITHMETIC_OVERFLOW` (user)
    BinaryArithmeticOverflow,
    /// `REMAINDER_BY_ZERO` (user)
    RemainderByZero,
    /// `DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION` (user)
    DatatypeMismatchCastWithFuncSuggestion,
    /// `DATATYPE_MISMATCH.CAST_WITH_CONF_SUGGESTION` (user)
    DatatypeMismatchCastWithConfSuggestion,
    /// `DATATYPE_MISMATCH.HASH_MAP_TYPE` (user)
    DatatypeMismatchHashMapType,
    /// `INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING` (user)
    InvalidIntervalFormatUnmatchedFormatString,
    /// `INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING_WITH_NOTICE` (user)
    InvalidIntervalFormatUnmatchedFormatStringWithNotice,
    /// `INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE` (user)
    InvalidParameterValueBitPositionRange,
    /// `USER_RAISED_EXCEPTION` (user)
    UserRaisedException,
    /// `DATATYPE_MISMATCH.INVALID_JSON_SCHEMA` (user)
    DatatypeMismatchInvalidJsonSchema,
    /// `DATATYPE_MISMATCH.NULL_TYPE` (user)
    DatatypeMismatchNullType,
    /// `DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES` (user)
    DatatypeMismatchArrayFunctionDiffTypes,
    /// `PARSE_EMPTY_STATEMENT` (user)
    ParseEmptyStatement,
    /// `UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING` (user)
    UnsupportedCharOrVarcharAsString,
    /// `DATETIME_OVERFLOW` (user)
    DatetimeOverflow,
    /// `INVALID_EXTRACT_FIELD` (user)
    InvalidExtractField,
    /// `ILLEGAL_DAY_OF_WEEK` (user)
    IllegalDayOfWeek,
    /// `DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION` (user)
    DatetimeFieldOutOfBoundsWithoutSuggestion,
    /// `CONVERSION_INVALID_INPUT` (user)
    ConversionInvalidInput,
    /// `INVALID_INDEX_OF_ZERO` (user)
    InvalidIndexOfZero,
    /// `INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX` (user)
    InvalidParameterValueRegexGroupIndex,
    /// `INVALID_PARAMETER_VALUE.PATTERN` (user)
    InvalidParameterValuePattern,
    /// `INVALID_PARAMETER_VALUE.CHARSET` (user)
    InvalidParameterValueCharset,
    /// `INVALID_PARAMETER_VALUE.START` (user)
    InvalidParameterValueStart,
    /// `INVALID_PARAMETER_VALUE.LENGTH` (user)
    InvalidParameterValueLength,
    /// `INVALID_REGEXP_REPLACE` (user)
    InvalidRegexpReplace,
    /// `FORMAT_STRING_INVALID` (user)
    FormatStringInvalid,
    /// `INVALID_FORMAT.EMPTY` (user)
    InvalidFormatEmpty,
    /// `INVALID_FORMAT.WRONG_NUM_DIGIT` (user)
    InvalidFormatWrongNumDigit,
    /// `INVALID_FORMAT.CUR_MUST_BEFORE_DIGIT` (user)
    InvalidFormatCurMustBeforeDigit,
    /// `INVALID_FORMAT.CUR_MUST_BEFORE_DEC` (user)
    InvalidFormatCurMustBeforeDec,
    /// `INVALID_FORMAT.CONT_THOUSANDS_SEPS` (user)
    InvalidFormatContThousandsSeps,
    /// `INVALID_FORMAT.THOUSANDS_SEPS_MUST_BEFORE_DEC` (user)
    InvalidFormatThousandsSepsMustBeforeDec,
    /// `INVALID_FORMAT.WRONG_NUM_TOKEN` (user)
    InvalidFormatWrongNumToken,
    /// `INVALID_FORMAT.UNEXPECTED_TOKEN` (user)
    InvalidFormatUnexpectedToken,
    /// `INVALID_FORMAT.MISMATCH_INPUT` (user)
    InvalidFormatMismatchInput,
    /// `INVALID_PARAMETER_VALUE.BINARY_FORMAT` (user)
    InvalidParameterValueBinaryFormat,
    /// `COLLATION_INVALID_NAME` (user)
    CollationInvalidName,
    /// `COLLATION_MISMATCH.EXPLICIT` (user)
    CollationMismatchExplicit,
    /// `UNSUPPORTED_COLLATION.FOR_FUNCTION` (user)
    UnsupportedCollationForFunction,
    /// `INVALID_FORMAT.ESC_IN_THE_MIDDLE` (user)
    InvalidFormatEscInTheMiddle,
    /// `INVALID_FORMAT.ESC_AT_THE_END` (user)
    InvalidFormatEscAtTheEnd,
    /// `MALFORMED_CHARACTER_CODING` (user)
    MalformedCharacterCoding,
    /// `INVALID_UTF8_STRING` (user)
    InvalidUtf8String,
    /// `INVALID_ARRAY_INDEX` (user)
    InvalidArrayIndex,
    /// `INVALID_ARRAY_INDEX_IN_ELEMENT_AT` (user)
    InvalidArrayIndexInElementAt,
    /// `DUPLICATED_MAP_KEY` (user)
    DuplicatedMapKey,
    /// `NULL_MAP_KEY` (user)
    NullMapKey,
    /// `_LEGACY_ERROR_TEMP_2128` (user)
    LegacyErrorTemp2128,
    /// `UNSUPPORTED_JOIN_TYPE` (user)
    UnsupportedJoinType,
    /// `UNRESOLVED_USING_COLUMN_FOR_JOIN` (user)
    UnresolvedUsingColumnForJoin,
    /// `NUM_COLUMNS_MISMATCH` (user)
    NumColumnsMismatch,
    /// `INCOMPATIBLE_COLUMN_TYPE` (user)
    IncompatibleColumnType,
    /// `NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING` (user)
    NonTimeWindowNotSupportedInStreaming,
    /// `WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE` (user)
    WindowFunctionWithoutOverClause,
    /// `UNSUPPORTED_EXPR_FOR_WINDOW` (user)
    UnsupportedExprForWindow,
    /// `DISTINCT_WINDOW_FUNCTION_UNSUPPORTED` (user)
    DistinctWindowFunctionUnsupported,
    /// `WINDOW_FUNCTION_AND_FRAME_MISMATCH` (user)
    WindowFunctionAndFrameMismatch,
    /// `_LEGACY_ERROR_TEMP_1034` (user)
    LegacyErrorTemp1034,
    /// `_LEGACY_ERROR_TEMP_1036` (user)
    LegacyErrorTemp1036,
    /// `_LEGACY_ERROR_TEMP_1037` (user)
    LegacyErrorTemp1037,
    /// `SOCKET_UNREACHABLE` (external)
    SocketUnreachable,
    /// `SOURCE_DATA_LOST` (external)
    SourceDataLost,
    /// `MULTIPLE_EVENT_TIME_COLUMNS` (user)
    MultipleEventTimeColumns,
    /// `INVALID_INTERVAL_FORMAT.INPUT_IS_EMPTY` (user)
    InvalidIntervalFormatInputIsEmpty,
    /// `INVALID_INTERVAL_FORMAT.UNRECOGNIZED_NUMBER` (user)
    InvalidIntervalFormatUnrecognizedNumber,
    /// `INVALID_INTERVAL_FORMAT.INVALID_UNIT` (user)
    InvalidIntervalFormatInvalidUnit,
    /// `INVALID_INTERVAL_FORMAT.MISSING_UNIT` (user)
    InvalidIntervalFormatMissingUnit,
    /// `CALL_ON_STREAMING_DATASET_UNSUPPORTED` (user)
    CallOnStreamingDatasetUnsupported,
    /// `STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE` (user)
    StreamingOutputModeUnsupportedDatasource,
    /// `_LEGACY_ERROR_TEMP_1298` (user)
    LegacyErrorTemp1298,
    /// `FAILED_FUNCTION_CALL` (user)
    FailedFunctionCall,
    /// `CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION` (user)
    CodecNotAvailableWithAvailableCodecsSuggestion,
    /// `PARTITION_COLUMN_NOT_FOUND_IN_SCHEMA` (user)
    PartitionColumnNotFoundInSchema,
    /// `INVALID_PARTITION_COLUMN_DATA_TYPE` (user)
    InvalidPartitionColumnDataType,
    /// `ALL_PARTITION_COLUMNS_NOT_ALLOWED` (user)
    AllPartitionColumnsNotAllowed,
    /// `UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE` (user)
    UnsupportedDataTypeForDatasource,
    /// `_LEGACY_ERROR_TEMP_1290` (user)
    LegacyErrorTemp1290,
    /// `FILE_SINK_IN_USE` (external)
    FileSinkInUse,
    /// `FILE_SINK_OF_ANOTHER_QUERY` (user)
    FileSinkOfAnotherQuery,
    /// `COLUMN_ALREADY_EXISTS` (user)
    ColumnAlreadyExists,
    /// `CANNOT_MERGE_SCHEMAS` (user)
    CannotMergeSchemas,
    /// `FILE_SINK_MERGES_FILES` (user)
    FileSinkMergesFiles,
    /// `TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR` (user)
    TransformWithStateUserFunctionError,
    /// `FLATMAPGROUPSWITHSTATE_USER_FUNCTION_ERROR` (user)
    FlatmapgroupswithstateUserFunctionError,
    /// `FAILED_EXECUTE_UDF` (user)
    FailedExecuteUdf,
    /// `ILLEGAL_STATE_STORE_VALUE.EMPTY_LIST_VALUE` (user)
    IllegalStateStoreValueEmptyListValue,
    /// `ILLEGAL_STATE_STORE_VALUE.NULL_VALUE` (user)
    IllegalStateStoreValueNullValue,
    /// `STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_TIME_MODE` (user)
    StatefulProcessorCannotPerformOperationWithInvalidTimeMode,
    /// `STATEFUL_PROCESSOR_INCORRECT_TIME_MODE_TO_ASSIGN_TTL` (user)
    StatefulProcessorIncorrectTimeModeToAssignTtl,
    /// `STATEFUL_PROCESSOR_TTL_DURATION_MUST_BE_POSITIVE` (user)
    StatefulProcessorTtlDurationMustBePositive,
    /// `_LEGACY_ERROR_TEMP_2203` (user)
    LegacyErrorTemp2203,
    /// `_LEGACY_ERROR_TEMP_2204` (user)
    LegacyErrorTemp2204,
    /// `_LEGACY_ERROR_TEMP_2205` (user)
    LegacyErrorTemp2205,
    /// `MODULE_NOT_LOADED` (user)
    ModuleNotLoaded,
    /// `FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH` (user)
    FailedReadFileParquetColumnDataTypeMismatch,
    /// `PATH_ALREADY_EXISTS` (user)
    PathAlreadyExists,
    /// `INVALID_SAVE_MODE` (user)
    InvalidSaveMode,
    /// `KEY_FUNCTION_FAILED` (user)
    KeyFunctionFailed,
    /// `STDS_COMMITTED_BATCH_UNAVAILABLE` (user)
    StdsCommittedBatchUnavailable,
    /// `STDS_INVALID_OPTION_VALUE.IS_NEGATIVE` (user)
    StdsInvalidOptionValueIsNegative,
    /// `STDS_INVALID_OPTION_VALUE.WITH_MESSAGE` (user)
    StdsInvalidOptionValueWithMessage,
    /// `STDS_CONFLICT_OPTIONS` (user)
    StdsConflictOptions,
    /// `STDS_REQUIRED_OPTION_UNSPECIFIED` (user)
    StdsRequiredOptionUnspecified,
    /// `STDS_FAILED_TO_READ_STATE_SCHEMA` (user)
    StdsFailedToReadStateSchema,
    /// `CANNOT_LOAD_STATE_STORE.SNAPSHOT_PARTITION_ID_NOT_FOUND` (user)
    CannotLoadStateStoreSnapshotPartitionIdNotFound,
    /// `CANNOT_LOAD_STATE_STORE.CANNOT_READ_MISSING_SNAPSHOT_FILE` (user)
    CannotLoadStateStoreCannotReadMissingSnapshotFile,
    /// `STDS_INVALID_OPTION_VALUE.IS_EMPTY` (user)
    StdsInvalidOptionValueIsEmpty,
}

struct Definition {
    name: &'static str,
    domain: &'static str,
    retryable: bool,
    sql_state: Option<&'static str>,
    message: &'static str,
    advice: &'static str,
}

impl ErrorCode {
    /// Every code, in the schema's order.
    pub const ALL: &'static [ErrorCode] = &[
        ErrorCode::UnresolvedColumnWithSuggestion,
        ErrorCode::UnresolvedColumnWithoutSuggestion,
        ErrorCode::UnresolvedColumnAmongFieldNames,
        ErrorCode::AmbiguousReference,
        ErrorCode::FieldNotFound,
        ErrorCode::InvalidExtractBaseFieldType,
        ErrorCode::UnresolvedRoutine,
        ErrorCode::DatatypeMismatchUnexpectedInputType,
        ErrorCode::DatatypeMismatchBinaryOpDiffTypes,
        ErrorCode::DatatypeMismatchBinaryOpWrongType,
        ErrorCode::DatatypeMismatchDataDiffTypes,
        ErrorCode::DatatypeMismatchCastWithoutSuggestion,
        ErrorCode::DatatypeMismatchFilterNotBoolean,
        ErrorCode::DatatypeMismatchNonFoldableInput,
        ErrorCode::WrongNumArgsWithoutSuggestion,
        ErrorCode::CannotParseInterval,
        ErrorCode::ParseSyntaxError,
        ErrorCode::UnsupportedDatatype,
        ErrorCode::CannotParseTimestamp,
        ErrorCode::CastInvalidInput,
        ErrorCode::CastOverflow,
        ErrorCode::ArithmeticOverflow,
        ErrorCode::DivideByZero,
        ErrorCode::InconsistentBehaviorCrossVersionDatetimePatternRecognition,
        ErrorCode::InvalidDatetimePatternIllegalCharacter,
        ErrorCode::MalformedRecordInParsingWithoutSuggestion,
        ErrorCode::ParseModeUnsupported,
        ErrorCode::EventTimeIsNotOnTimestampType,
        ErrorCode::EventTimeMustBeTopLevelColumn,
        ErrorCode::LegacyErrorTemp1181,
        ErrorCode::LegacyErrorTemp3063,
        ErrorCode::LegacyErrorTemp3076,
        ErrorCode::LegacyErrorTemp3101,
        ErrorCode::LegacyErrorTemp3102,
        ErrorCode::WriteStreamNotAllowed,
        ErrorCode::InvalidLimitLikeExpressionIsNegative,
        ErrorCode::StreamingOutputModeUnsupportedOperation,
        ErrorCode::StreamingOutputModeInvalid,
        ErrorCode::LegacyErrorTemp3231,
        ErrorCode::LegacyErrorTemp1039,
        ErrorCode::LegacyErrorTemp1040,
        ErrorCode::DatatypeMismatchParameterConstraintViolation,
        ErrorCode::DatatypeMismatchValueOutOfRange,
        ErrorCode::MissingAggregation,
        ErrorCode::StreamFailed,
        ErrorCode::PathNotFound,
        ErrorCode::FileReadFailed,
        ErrorCode::FileWriteFailed,
        ErrorCode::LegacyErrorTemp2048,
        ErrorCode::UnableToInferSchema,
        ErrorCode::DataSourceNotFound,
        ErrorCode::OptionInvalid,
        ErrorCode::ConfigUnknown,
        ErrorCode::ConfigInvalid,
        ErrorCode::ArgumentInvalid,
        ErrorCode::ValueNotEncodable,
        ErrorCode::KafkaUnreachable,
        ErrorCode::KafkaTopicNotFound,
        ErrorCode::KafkaBatchCorrupt,
        ErrorCode::KafkaBatchUnsupported,
        ErrorCode::KafkaDataLossCouldNotReadOffsetRange,
        ErrorCode::KafkaDataLossPartitionOffsetChanged,
        ErrorCode::KafkaDataLossPartitionsDeleted,
        ErrorCode::KafkaDataLossPartitionsDeletedAndGroupIdConfigPresent,
        ErrorCode::KafkaDataLossInitialOffsetNotFoundForPartitions,
        ErrorCode::KafkaDataLossAddedPartitionDoesNotStartFromOffsetZero,
        ErrorCode::KafkaStartOffsetDoesNotMatchAssigned,
        ErrorCode::KafkaTimestampOffsetDoesNotMatchAssigned,
        ErrorCode::MismatchedTopicPartitionsBetweenStartOffsetAndEndOffset,
        ErrorCode::UnresolvedStartOffsetGreaterThanEndOffset,
        ErrorCode::UnresolvedStartTimestampGreaterThanEndTimestamp,
        ErrorCode::ResolvedStartOffsetGreaterThanEndOffset,
        ErrorCode::KafkaNullTopicInData,
        ErrorCode::KafkaRecordInvalid,
        ErrorCode::LegacyErrorTemp3080,
        ErrorCode::LegacyErrorTemp3081,
        ErrorCode::KafkaWriteFailed,
        ErrorCode::KafkaFetchFailed,
        ErrorCode::StateMemoryLimitExceeded,
        ErrorCode::LimitExceeded,
        ErrorCode::OutOfMemory,
        ErrorCode::StateFileCorrupt,
        ErrorCode::StateFileMismatch,
        ErrorCode::StatePoisoned,
        ErrorCode::CheckpointCorrupt,
        ErrorCode::CheckpointIncomplete,
        ErrorCode::CheckpointNotFound,
        ErrorCode::CheckpointSourcesChanged,
        ErrorCode::CheckpointLocked,
        ErrorCode::CheckpointFenced,
        ErrorCode::CheckpointPoisoned,
        ErrorCode::StateStoreInvalidConfigAfterRestart,
        ErrorCode::StateStoreKeySchemaNotCompatible,
        ErrorCode::StateStoreValueSchemaNotCompatible,
        ErrorCode::StreamingStatefulOperatorNotMatchInStateMetadata,
        ErrorCode::BatchBorderInvalid,
        ErrorCode::QueryNotActive,
        ErrorCode::QueryAlreadyActive,
        ErrorCode::NativeAddonMissing,
        ErrorCode::NativePanic,
        ErrorCode::WorkerLost,
        ErrorCode::InternalError,
        ErrorCode::InvalidTimezone,
        ErrorCode::InconsistentBehaviorCrossVersionDatetimeWeekBasedPattern,
        ErrorCode::InvalidDatetimePatternLength,
        ErrorCode::InvalidDatetimePatternWithSuggestion,
        ErrorCode::MalformedRecordInParsingCannotParseJsonArraysAsStructs,
        ErrorCode::MalformedRecordInParsingCannotParseStringAsDatatype,
        ErrorCode::InvalidCorruptRecordType,
        ErrorCode::DatatypeMismatchInvalidJsonMapKeyType,
        ErrorCode::InconsistentBehaviorCrossVersionParseDatetimeByNewParser,
        ErrorCode::IntervalArithmeticOverflowWithSuggestion,
        ErrorCode::IntervalArithmeticOverflowWithoutSuggestion,
        ErrorCode::InvalidIntervalFormatUnsupportedFromToExpression,
        ErrorCode::InvalidTypedLiteral,
        ErrorCode::InvalidFractionOfSecond,
        ErrorCode::DecimalScaleExceedsPrecision,
        ErrorCode::LegacyErrorTemp1207,
        ErrorCode::LegacyErrorTemp0029,
        ErrorCode::UnsupportedTimePrecision,
        ErrorCode::GroupExpressionTypeIsNotOrderable,
        ErrorCode::IntervalDividedByZero,
        ErrorCode::LegacyErrorTemp2000,
        ErrorCode::NumericValueOutOfRangeWithSuggestion,
        ErrorCode::TableOrViewNotFound,
        ErrorCode::GroupByPosAggregate,
        ErrorCode::GroupByPosOutOfRange,
        ErrorCode::DecimalPrecisionExceedsMaxPrecision,
        ErrorCode::InvalidNumericLiteralRange,
        ErrorCode::DatatypeMismatchInvalidOrderingType,
        ErrorCode::DatatypeMismatchUnsupportedInputType,
        ErrorCode::UnsupportedTimeType,
        ErrorCode::InvalidLambdaFunctionCallNumArgsMismatch,
        ErrorCode::InvalidLambdaFunctionCallNonHigherOrderFunction,
        ErrorCode::ComparatorReturnsNull,
        ErrorCode::DatatypeMismatchMapZipWithDiffTypes,
        ErrorCode::MissingGroupBy,
        ErrorCode::NestedAggregateFunction,
        ErrorCode::InvalidWhereCondition,
        ErrorCode::UnsupportedGeneratorNestedInExpressions,
        ErrorCode::UnsupportedGeneratorOutsideSelect,
        ErrorCode::UnsupportedGeneratorNotGenerator,
        ErrorCode::UdtfAliasNumberMismatch,
        ErrorCode::MultiAliasWithoutGenerator,
        ErrorCode::DatatypeMismatchStackColumnDiffTypes,
        ErrorCode::DatatypeMismatchNonStringType,
        ErrorCode::UnsupportedGroupingExpression,
        ErrorCode::GroupingColumnMismatch,
        ErrorCode::GroupingIdColumnMismatch,
        ErrorCode::UnexpectedOperatorLambda,
        ErrorCode::NumericValueOutOfRangeWithoutSuggestion,
        ErrorCode::BinaryArithmeticOverflow,
        ErrorCode::RemainderByZero,
        ErrorCode::DatatypeMismatchCastWithFuncSuggestion,
        ErrorCode::DatatypeMismatchCastWithConfSuggestion,
        ErrorCode::DatatypeMismatchHashMapType,
        ErrorCode::InvalidIntervalFormatUnmatchedFormatString,
        ErrorCode::InvalidIntervalFormatUnmatchedFormatStringWithNotice,
        ErrorCode::InvalidParameterValueBitPositionRange,
        ErrorCode::UserRaisedException,
        ErrorCode::DatatypeMismatchInvalidJsonSchema,
        ErrorCode::DatatypeMismatchNullType,
        ErrorCode::DatatypeMismatchArrayFunctionDiffTypes,
        ErrorCode::ParseEmptyStatement,
        ErrorCode::UnsupportedCharOrVarcharAsString,
        ErrorCode::DatetimeOverflow,
        ErrorCode::InvalidExtractField,
        ErrorCode::IllegalDayOfWeek,
        ErrorCode::DatetimeFieldOutOfBoundsWithoutSuggestion,
        ErrorCode::ConversionInvalidInput,
        ErrorCode::InvalidIndexOfZero,
        ErrorCode::InvalidParameterValueRegexGroupIndex,
        ErrorCode::InvalidParameterValuePattern,
        ErrorCode::InvalidParameterValueCharset,
        ErrorCode::InvalidParameterValueStart,
        ErrorCode::InvalidParameterValueLength,
        ErrorCode::InvalidRegexpReplace,
        ErrorCode::FormatStringInvalid,
        ErrorCode::InvalidFormatEmpty,
        ErrorCode::InvalidFormatWrongNumDigit,
        ErrorCode::InvalidFormatCurMustBeforeDigit,
        ErrorCode::InvalidFormatCurMustBeforeDec,
        ErrorCode::InvalidFormatContThousandsSeps,
        ErrorCode::InvalidFormatThousandsSepsMustBeforeDec,
        ErrorCode::InvalidFormatWrongNumToken,
        ErrorCode::InvalidFormatUnexpectedToken,
        ErrorCode::InvalidFormatMismatchInput,
        ErrorCode::InvalidParameterValueBinaryFormat,
        ErrorCode::CollationInvalidName,
        ErrorCode::CollationMismatchExplicit,
        ErrorCode::UnsupportedCollationForFunction,
        ErrorCode::InvalidFormatEscInTheMiddle,
        ErrorCode::InvalidFormatEscAtTheEnd,
        ErrorCode::MalformedCharacterCoding,
        ErrorCode::InvalidUtf8String,
        ErrorCode::InvalidArrayIndex,
        ErrorCode::InvalidArrayIndexInElementAt,
        ErrorCode::DuplicatedMapKey,
        ErrorCode::NullMapKey,
        ErrorCode::LegacyErrorTemp2128,
        ErrorCode::UnsupportedJoinType,
        ErrorCode::UnresolvedUsingColumnForJoin,
        ErrorCode::NumColumnsMismatch,
        ErrorCode::IncompatibleColumnType,
        ErrorCode::NonTimeWindowNotSupportedInStreaming,
        ErrorCode::WindowFunctionWithoutOverClause,
        ErrorCode::UnsupportedExprForWindow,
        ErrorCode::DistinctWindowFunctionUnsupported,
        ErrorCode::WindowFunctionAndFrameMismatch,
        ErrorCode::LegacyErrorTemp1034,
        ErrorCode::LegacyErrorTemp1036,
        ErrorCode::LegacyErrorTemp1037,
        ErrorCode::SocketUnreachable,
        ErrorCode::SourceDataLost,
        ErrorCode::MultipleEventTimeColumns,
        ErrorCode::InvalidIntervalFormatInputIsEmpty,
        ErrorCode::InvalidIntervalFormatUnrecognizedNumber,
        ErrorCode::InvalidIntervalFormatInvalidUnit,
        ErrorCode::InvalidIntervalFormatMissingUnit,
        ErrorCode::CallOnStreamingDatasetUnsupported,
        ErrorCode::StreamingOutputModeUnsupportedDatasource,
        ErrorCode::LegacyErrorTemp1298,
        ErrorCode::FailedFunctionCall,
        ErrorCode::CodecNotAvailableWithAvailableCodecsSuggestion,
        ErrorCode::PartitionColumnNotFoundInSchema,
        ErrorCode::InvalidPartitionColumnDataType,
        ErrorCode::AllPartitionColumnsNotAllowed,
        ErrorCode::UnsupportedDataTypeForDatasource,
        ErrorCode::LegacyErrorTemp1290,
        ErrorCode::FileSinkInUse,
        ErrorCode::FileSinkOfAnotherQuery,
        ErrorCode::ColumnAlreadyExists,
        ErrorCode::CannotMergeSchemas,
        ErrorCode::FileSinkMergesFiles,
        ErrorCode::TransformWithStateUserFunctionError,
        ErrorCode::FlatmapgroupswithstateUserFunctionError,
        ErrorCode::FailedExecuteUdf,
        ErrorCode::IllegalStateStoreValueEmptyListValue,
        ErrorCode::IllegalStateStoreValueNullValue,
        ErrorCode::StatefulProcessorCannotPerformOperationWithInvalidTimeMode,
        ErrorCode::StatefulProcessorIncorrectTimeModeToAssignTtl,
        ErrorCode::StatefulProcessorTtlDurationMustBePositive,
        ErrorCode::LegacyErrorTemp2203,
        ErrorCode::LegacyErrorTemp2204,
        ErrorCode::LegacyErrorTemp2205,
        ErrorCode::ModuleNotLoaded,
        ErrorCode::FailedReadFileParquetColumnDataTypeMismatch,
        ErrorCode::PathAlreadyExists,
        ErrorCode::InvalidSaveMode,
        ErrorCode::KeyFunctionFailed,
        ErrorCode::StdsCommittedBatchUnavailable,
        ErrorCode::StdsInvalidOptionValueIsNegative,
        ErrorCode::StdsInvalidOptionValueWithMessage,
        ErrorCode::StdsConflictOptions,
        ErrorCode::StdsRequiredOptionUnspecified,
        ErrorCode::StdsFailedToReadStateSchema,
        ErrorCode::CannotLoadStateStoreSnapshotPartitionIdNotFound,
        ErrorCode::CannotLoadStateStoreCannotReadMissingSnapshotFile,
        ErrorCode::StdsInvalidOptionValueIsEmpty,
    ];

    fn definition(self) -> &'static Definition {
        &DEFINITIONS[self as usize]
    }

    /// The code as users see it.
    pub fn as_str(self) -> &'static str {
        self.definition().name
    }

    /// Whose it is: `user`, `external` or `internal`.
    pub fn domain(self) -> &'static str {
        self.definition().domain
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(self) -> bool {
        self.definition().retryable
    }

    /// SQLSTATE, where Spark gives the condition one.
    pub fn sql_state(self) -> Option<&'static str> {
        self.definition().sql_state
    }

    /// The message with `<name>` in place of its parameters.
    pub fn message_template(self) -> &'static str {
        self.definition().message
    }

    /// What to do about it.
    pub fn advice(self) -> &'static str {
        self.definition().advice
    }
}

impl FromStr for ErrorCode {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == name)
            .ok_or_else(|| format!("no error code {name}"))
    }
}

/// In the order of the variants.
static DEFINITIONS: [Definition; 259] = [
    Definition {
        name: "UNRESOLVED_COLUMN.WITH_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("42703"),
        message: "A column, variable, or function parameter with name <objectName> cannot be resolved. Did you mean one of the following? [<proposal>].",
        advice: "Check the name against df.printSchema().",
    },
    Definition {
        name: "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("42703"),
        message: "A column, variable, or function parameter with name <objectName> cannot be resolved.",
        advice: "Check the name against df.printSchema().",
    },
    Definition {
        name: "UNRESOLVED_COLUMN_AMONG_FIELD_NAMES",
        domain: "user",
        retryable: false,
        sql_state: Some("42703"),
        message: "Cannot resolve column name \"<colName>\" among (<fieldNames>).",
        advice: "Check the name against df.printSchema().",
    },
    Definition {
        name: "AMBIGUOUS_REFERENCE",
        domain: "user",
        retryable: false,
        sql_state: Some("42704"),
        message: "Reference <name> is ambiguous, could be: <referenceNames>.",
        advice: "Rename one of the columns with alias() or withColumnRenamed().",
    },
    Definition {
        name: "FIELD_NOT_FOUND",
        domain: "user",
        retryable: false,
        sql_state: Some("42704"),
        message: "No such struct field <fieldName> in <fields>.",
        advice: "Check the struct's fields with df.printSchema().",
    },
    Definition {
        name: "INVALID_EXTRACT_BASE_FIELD_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("42000"),
        message: "Can't extract a value from <base>. Need a complex type [STRUCT, ARRAY, MAP] but got <other>.",
        advice: "Only structs, arrays and maps have parts.",
    },
    Definition {
        name: "UNRESOLVED_ROUTINE",
        domain: "user",
        retryable: false,
        sql_state: Some("42883"),
        message: "Cannot resolve routine <routineName> on search path <searchPath>.",
        advice: "README.md lists the functions that are there.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: The <paramIndex> parameter requires the <requiredType> type, however <inputSql> has the type <inputType>.",
        advice: "Cast the column to the type that is needed.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: the left and right operands of the binary operator have incompatible types (<left> and <right>).",
        advice: "Cast one side to the other's type.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: the binary operator requires the input type <inputType>, not <actualDataType>.",
        advice: "Cast the operands to a type that the operator takes.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.DATA_DIFF_TYPES",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: Input to <functionName> should all be the same type, but it's <dataType>.",
        advice: "Cast the branches to one type.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: cannot cast <srcType> to <targetType>.",
        advice: "There is no such cast in Spark SQL.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: Filter expression <filter> of type <type> is not a boolean.",
        advice: "A filter needs a condition.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: the input <inputName> should be a foldable <inputType> expression; however, got <inputExpr>.",
        advice: "This argument must be a constant.",
    },
    Definition {
        name: "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("42605"),
        message: "The <functionName> requires <expectedNum> parameters but the actual number is <actualNum>.",
        advice: "See the function's documentation.",
    },
    Definition {
        name: "CANNOT_PARSE_INTERVAL",
        domain: "user",
        retryable: false,
        sql_state: Some("22006"),
        message: "Unable to parse <intervalString>. Please ensure that the value provided is in a valid format for defining an interval.",
        advice: "Durations read like '5 minutes' or '1 hour 30 minutes'. window() takes the time column, the window duration, the slide duration and the start time; to group by a column too, name it in groupBy beside the window.",
    },
    Definition {
        name: "PARSE_SYNTAX_ERROR",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "Syntax error at or near <error><hint>.",
        advice: "DDL reads like 'id STRING, amount INT'.",
    },
    Definition {
        name: "UNSUPPORTED_DATATYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("0A000"),
        message: "Unsupported data type <typeName>.",
        advice: "Use one of Spark's SQL types.",
    },
    Definition {
        name: "CANNOT_PARSE_TIMESTAMP",
        domain: "user",
        retryable: false,
        sql_state: Some("22007"),
        message: "<message>. Use <func> to tolerate invalid input string and return NULL instead.",
        advice: "Use tryToTimestamp, or set spark.sql.ansi.enabled to false.",
    },
    Definition {
        name: "CAST_INVALID_INPUT",
        domain: "user",
        retryable: false,
        sql_state: Some("22018"),
        message: "The value <expression> of the type <sourceType> cannot be cast to <targetType> because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead.",
        advice: "Use tryCast to get null instead.",
    },
    Definition {
        name: "CAST_OVERFLOW",
        domain: "user",
        retryable: false,
        sql_state: Some("22003"),
        message: "The value <value> of the type <sourceType> cannot be cast to <targetType> due to an overflow. Use `try_cast` to tolerate overflow and return NULL instead.",
        advice: "Use tryCast to get null instead.",
    },
    Definition {
        name: "ARITHMETIC_OVERFLOW",
        domain: "user",
        retryable: false,
        sql_state: Some("22003"),
        message: "<message>.<alternative> If necessary set <config> to \"false\" to bypass this error.",
        advice: "Cast to a wider type first.",
    },
    Definition {
        name: "DIVIDE_BY_ZERO",
        domain: "user",
        retryable: false,
        sql_state: Some("22012"),
        message: "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. If necessary set <config> to \"false\" to bypass this error.",
        advice: "Guard the divisor with when().",
    },
    Definition {
        name: "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION",
        domain: "user",
        retryable: false,
        sql_state: Some("42K0B"),
        message: "You may get a different result due to the upgrading to Spark >= 3.0: Fail to recognize <pattern> pattern in the DateTimeFormatter.",
        advice: "Use a pattern of java.time's DateTimeFormatter.",
    },
    Definition {
        name: "INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER",
        domain: "user",
        retryable: false,
        sql_state: Some("22007"),
        message: "Unrecognized datetime pattern: <pattern>. Illegal pattern character found in datetime pattern.",
        advice: "Quote literal letters with single quotes.",
    },
    Definition {
        name: "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("22023"),
        message: "Malformed records are detected in record parsing: <badRecord>. Parse Mode: <failFastMode>. To process malformed records as null result, try setting the option 'mode' as 'PERMISSIVE'.",
        advice: "Set the option mode to PERMISSIVE.",
    },
    Definition {
        name: "PARSE_MODE_UNSUPPORTED",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "The function <funcName> doesn't support the <mode> mode. Acceptable modes are PERMISSIVE and FAILFAST.",
        advice: "Use PERMISSIVE or FAILFAST.",
    },
    Definition {
        name: "EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "The event time <eventName> has the invalid type <eventType>, but expected \"TIMESTAMP\".",
        advice: "Make it a timestamp first, with toTimestamp or cast.",
    },
    Definition {
        name: "EVENT_TIME_MUST_BE_TOP_LEVEL_COLUMN",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "The event time in withWatermark must be a top-level column, but '<eventExpr>' is a nested field. To use it, alias it to a top-level column in a select before withWatermark.",
        advice: "select(..., col('a.b').alias('time')).withWatermark('time', ...).",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_1181",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Stream-stream join without equality predicate is not supported.",
        advice: "Let the condition say that a column of one side equals one of the other, a key or a window.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_3063",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "pivot is not supported on a streaming DataFrames/Datasets",
        advice: "Name the values that become columns: pivot(column, [values]).",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_3076",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Redefining watermark is disallowed. You can set the config '<config>' to 'false' to restore the previous behavior. Note that multiple stateful operators will be disallowed.",
        advice: "millrace has no such configuration: give rows one withWatermark.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_3101",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The input is not a correct window column: <windowTime>",
        advice: "Give window_time the column that window() or session_window() made.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_3102",
        domain: "user",
        retryable: false,
        sql_state: Some("0A000"),
        message: "<msg>;",
        advice: "See Spark's table of output modes and query types.",
    },
    Definition {
        name: "WRITE_STREAM_NOT_ALLOWED",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "`writeStream` can be called only on streaming Dataset/DataFrame.",
        advice: "Take the rows of a batch DataFrame with collect(), show() or toArrow().",
    },
    Definition {
        name: "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE",
        domain: "user",
        retryable: false,
        sql_state: Some("42K0E"),
        message: "The limit like expression <expr> is invalid. The <name> expression must be equal to or greater than 0, but got <v>.",
        advice: "Give a number of rows of at least 0.",
    },
    Definition {
        name: "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
        domain: "user",
        retryable: false,
        sql_state: Some("42KDE"),
        message: "Invalid streaming output mode: <outputMode>. This output mode is not supported for <operation> on streaming DataFrames/DataSets.",
        advice: "Stateless queries take append or update; aggregations take update, complete, or append with withWatermark on the grouped event time.",
    },
    Definition {
        name: "STREAMING_OUTPUT_MODE.INVALID",
        domain: "user",
        retryable: false,
        sql_state: Some("42KDE"),
        message: "Invalid streaming output mode: <outputMode>. Accepted output modes are 'Append', 'Complete', 'Update'.",
        advice: "Use append, update or complete.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_3231",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Intervals greater than a month is not supported (<interval>).",
        advice: "Months have no fixed length; use days or weeks.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_1039",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Multiple time/session window expressions would result in a cartesian product of rows, therefore they are currently not supported.",
        advice: "Group by one window.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_1040",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Gap duration expression used in session window must be CalendarIntervalType, but got <dt>.",
        advice: "Give the gap as text, such as '5 minutes', or as a column of such texts.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: The <leftExprName>(<leftExprValue>) must be <constraint> the <rightExprName>(<rightExprValue>).",
        advice: "A window needs slideDuration <= windowDuration and |startTime| < slideDuration.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: The <exprName> must be between <valueRange> (current value = <currentValue>).",
        advice: "Durations must be positive.",
    },
    Definition {
        name: "MISSING_AGGREGATION",
        domain: "user",
        retryable: false,
        sql_state: Some("42803"),
        message: "The non-aggregating expression <expression> is based on columns which are not participating in the GROUP BY clause. Add the columns or the expression to the GROUP BY, aggregate the expression, or use <expressionAnyValue> if you do not care which of the values within a group is returned.",
        advice: "In TypeScript that is anyValue().",
    },
    Definition {
        name: "STREAM_FAILED",
        domain: "internal",
        retryable: false,
        sql_state: Some("XXKST"),
        message: "Query [id = <id>, runId = <runId>] terminated with exception: <message>.",
        advice: "The cause tells what happened.",
    },
    Definition {
        name: "PATH_NOT_FOUND",
        domain: "user",
        retryable: false,
        sql_state: Some("42K03"),
        message: "Path does not exist: <path>.",
        advice: "Check the path given to load().",
    },
    Definition {
        name: "FILE_READ_FAILED",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "Cannot read <path>: <reason>.",
        advice: "Check that the file exists and may be read.",
    },
    Definition {
        name: "FILE_WRITE_FAILED",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "Cannot write <path>: <reason>.",
        advice: "Check free space and permissions of the directory.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_2048",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Schema must be specified when creating a streaming source DataFrame of format <format>.",
        advice: "Call .schema('id STRING, ...') on the reader.",
    },
    Definition {
        name: "UNABLE_TO_INFER_SCHEMA",
        domain: "user",
        retryable: false,
        sql_state: Some("42KD9"),
        message: "Unable to infer schema for <format>. It must be specified manually.",
        advice: "Call .schema('id STRING, ...') on the reader.",
    },
    Definition {
        name: "DATA_SOURCE_NOT_FOUND",
        domain: "user",
        retryable: false,
        sql_state: Some("42K02"),
        message: "Failed to find the data source: <provider>. Formats are <formats>.",
        advice: "Check the format's name.",
    },
    Definition {
        name: "OPTION_INVALID",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Option <name> has the invalid value <value>: <reason>.",
        advice: "See the documentation of the source or sink.",
    },
    Definition {
        name: "CONFIG_UNKNOWN",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "There is no configuration <name>.",
        advice: "schema/config.toml and docs/guide list them.",
    },
    Definition {
        name: "CONFIG_INVALID",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Configuration <name> has the invalid value <value>: <reason>.",
        advice: "schema/config.toml gives its type.",
    },
    Definition {
        name: "ARGUMENT_INVALID",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "<function>: <reason>.",
        advice: "See the function's documentation.",
    },
    Definition {
        name: "VALUE_NOT_ENCODABLE",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The value of column <column> in row <row> is not a <dataType>: <reason>.",
        advice: "Give values of the column's type (long as bigint, timestamp as Date).",
    },
    Definition {
        name: "KAFKA_UNREACHABLE",
        domain: "external",
        retryable: true,
        sql_state: None,
        message: "Cannot reach Kafka at <servers>: <reason>.",
        advice: "Check kafka.bootstrap.servers and that the broker listens.",
    },
    Definition {
        name: "KAFKA_TOPIC_NOT_FOUND",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "Kafka topic <topic> does not exist: This server does not host this topic-partition.",
        advice: "Create the topic, or check the option subscribe.",
    },
    Definition {
        name: "KAFKA_BATCH_CORRUPT",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "Kafka record batch of <topic>-<partition> at offset <offset> is corrupt: <reason>.",
        advice: "Check the broker's disks and network; the bytes failed their checksum or their lengths lie.",
    },
    Definition {
        name: "KAFKA_BATCH_UNSUPPORTED",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "Kafka record batch of <topic>-<partition> at offset <offset> is unsupported: <reason>.",
        advice: "Rewrite the topic with a producer of Kafka 0.11 or newer.",
    },
    Definition {
        name: "KAFKA_DATA_LOSS.COULD_NOT_READ_OFFSET_RANGE",
        domain: "external",
        retryable: false,
        sql_state: Some("22000"),
        message: "Some data may have been lost because they are not available in Kafka any more;\neither the data was aged out by Kafka or the topic may have been deleted before all the data in the\ntopic was processed.\nIf you don't want your streaming query to fail on such cases, set the source option failOnDataLoss to false.\nReason: Could not read records in offset [<startOffset>, <endOffset>) for topic partition <topicPartition>",
        advice: "Lengthen the topic's retention, or set failOnDataLoss to false to go on from what is left.",
    },
    Definition {
        name: "KAFKA_DATA_LOSS.PARTITION_OFFSET_CHANGED",
        domain: "external",
        retryable: false,
        sql_state: Some("22000"),
        message: "Some data may have been lost because they are not available in Kafka any more;\neither the data was aged out by Kafka or the topic may have been deleted before all the data in the\ntopic was processed.\nIf you don't want your streaming query to fail on such cases, set the source option failOnDataLoss to false.\nReason: Partition <topicPartition> offset was changed from <prevOffset> to <newOffset>.\nThis could be either 1) a user error that the start offset is set beyond available offset when starting query, or 2) the kafka topic-partition is deleted and re-created.",
        advice: "Start with a new checkpoint, or set failOnDataLoss to false to go on from the new end.",
    },
    Definition {
        name: "KAFKA_DATA_LOSS.PARTITIONS_DELETED",
        domain: "external",
        retryable: false,
        sql_state: Some("22000"),
        message: "Some data may have been lost because they are not available in Kafka any more;\neither the data was aged out by Kafka or the topic may have been deleted before all the data in the\ntopic was processed.\nIf you don't want your streaming query to fail on such cases, set the source option failOnDataLoss to false.\nReason: Partitions <partitions> have been deleted.",
        advice: "Subscribe to what the checkpoint has, or set failOnDataLoss to false to go on without it.",
    },
    Definition {
        name: "KAFKA_DATA_LOSS.PARTITIONS_DELETED_AND_GROUP_ID_CONFIG_PRESENT",
        domain: "external",
        retryable: false,
        sql_state: Some("22000"),
        message: "Some data may have been lost because they are not available in Kafka any more;\neither the data was aged out by Kafka or the topic may have been deleted before all the data in the\ntopic was processed.\nIf you don't want your streaming query to fail on such cases, set the source option failOnDataLoss to false.\nReason: Partitions <partitions> have been deleted.\nKafka option '<groupIdConfig>' has been set on this query, it is\n not recommended to set this option. This option is unsafe to use since multiple concurrent\n queries or sources using the same group id will interfere with each other as they are part\n of the same consumer group. Restarted queries may also suffer interference from the\n previous run having the same group id. The user should have only one query per group id,\n and/or set the option 'kafka.session.timeout.ms' to be very small so that the Kafka\n consumers from the previous query are marked dead by the Kafka group coordinator before the\n restarted query starts running.",
        advice: "Subscribe to what the checkpoint has, or set failOnDataLoss to false to go on without it.",
    },
    Definition {
        name: "KAFKA_DATA_LOSS.INITIAL_OFFSET_NOT_FOUND_FOR_PARTITIONS",
        domain: "external",
        retryable: false,
        sql_state: Some("22000"),
        message: "Some data may have been lost because they are not available in Kafka any more;\neither the data was aged out by Kafka or the topic may have been deleted before all the data in the\ntopic was processed.\nIf you don't want your streaming query to fail on such cases, set the source option failOnDataLoss to false.\nReason: Cannot find initial offsets for partitions <partitions>. They may have been deleted.",
        advice: "Set failOnDataLoss to false to go on without them.",
    },
    Definition {
        name: "KAFKA_DATA_LOSS.ADDED_PARTITION_DOES_NOT_START_FROM_OFFSET_ZERO",
        domain: "external",
        retryable: false,
        sql_state: Some("22000"),
        message: "Some data may have been lost because they are not available in Kafka any more;\neither the data was aged out by Kafka or the topic may have been deleted before all the data in the\ntopic was processed.\nIf you don't want your streaming query to fail on such cases, set the source option failOnDataLoss to false.\nReason: Added partition <topicPartition> starts from <startOffset> instead of 0.",
        advice: "Set failOnDataLoss to false to go on from what is left.",
    },
    Definition {
        name: "KAFKA_START_OFFSET_DOES_NOT_MATCH_ASSIGNED",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Partitions specified for Kafka start offsets don't match what are assigned. Maybe topic partitions are created \nor deleted while the query is running. Use -1 for latest, -2 for earliest.\nSpecified: <specifiedPartitions> Assigned: <assignedPartitions>",
        advice: "Name every partition that is subscribed to, and no other.",
    },
    Definition {
        name: "KAFKA_TIMESTAMP_OFFSET_DOES_NOT_MATCH_ASSIGNED",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Partitions specified for Kafka timestamp based <position> offsets don't match what are assigned. Maybe topic partitions are created \nor deleted while the query is running, or you didn't specify all the partitions.\nSpecified: <specifiedPartitions> Assigned: <assignedPartitions>",
        advice: "Name every partition that is subscribed to, and no other.",
    },
    Definition {
        name: "MISMATCHED_TOPIC_PARTITIONS_BETWEEN_START_OFFSET_AND_END_OFFSET",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The specified start offset and end offset should have the same topic-partitions.\nTopic-partitions for start offset: <tpsForStartOffset>, topic-partitions for end offset: <tpsForEndOffset>.",
        advice: "Name the same partitions in both options.",
    },
    Definition {
        name: "UNRESOLVED_START_OFFSET_GREATER_THAN_END_OFFSET",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The specified start offset <startOffset> is greater than the end offset <endOffset> for topic <topic> partition <partition>.",
        advice: "Swap the two offsets.",
    },
    Definition {
        name: "UNRESOLVED_START_TIMESTAMP_GREATER_THAN_END_TIMESTAMP",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The specified start timestamp <startTimestamp> is greater than the end timestamp <endTimestamp> for topic <topic> partition <partition>.",
        advice: "Swap the two times.",
    },
    Definition {
        name: "RESOLVED_START_OFFSET_GREATER_THAN_END_OFFSET",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The resolved start offset <startOffset> is greater than the resolved end offset <endOffset> for topic <topic> partition <partition>.\nThere may be multiple reasons:\n1. Start offset is set to too big a value that after resolution, end offset is smaller than it. There are multiple input cases:\n  (a) Start offset is set to a timestamp, and the end offset is set to an index.\n  (b) Start offset is set to an index, and the end offset is set to a timestamp.\n  (c) Start offset is set, and the end offset is set to latest.\n2. The Kafka topic partition is broken.",
        advice: "Choose a start that lies before the end.",
    },
    Definition {
        name: "KAFKA_NULL_TOPIC_IN_DATA",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The Kafka message data sent to the producer contains a null topic. Use the `topic` option for setting a default topic.",
        advice: "Fill the column topic, or set the option topic.",
    },
    Definition {
        name: "KAFKA_RECORD_INVALID",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "<reason>",
        advice: "Nothing of this row and of the rows after it was written.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_3080",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "<msg>",
        advice: "The Kafka sink takes the columns key, value, headers, topic and partition by these names.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_3081",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Save mode <mode> not allowed for Kafka. Allowed save modes are <append> and <errorIfExists> (default).",
        advice: "Kafka can only be added to: use mode('append').",
    },
    Definition {
        name: "KAFKA_WRITE_FAILED",
        domain: "external",
        retryable: true,
        sql_state: None,
        message: "Writing to Kafka failed: <reason>.",
        advice: "What was sent before may be there; a batch that runs again sends its rows again.",
    },
    Definition {
        name: "KAFKA_FETCH_FAILED",
        domain: "external",
        retryable: true,
        sql_state: None,
        message: "Fetching <topic>-<partition> failed: <reason>.",
        advice: "The broker's log says more.",
    },
    Definition {
        name: "STATE_MEMORY_LIMIT_EXCEEDED",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "State of the query would take <required> bytes, above millrace.maxStateBytes = <limit>.",
        advice: "Raise the cap, add a watermark so that old windows are evicted, or group by fewer keys.",
    },
    Definition {
        name: "LIMIT_EXCEEDED",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "<what> of <value> is above the limit of <limit>.",
        advice: "Split the input into smaller parts.",
    },
    Definition {
        name: "OUT_OF_MEMORY",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "No memory for <bytes> bytes for <purpose>.",
        advice: "Lower the batch size or give the process more memory.",
    },
    Definition {
        name: "STATE_FILE_CORRUPT",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "State file <path> is damaged: <reason>.",
        advice: "Restore the file from a copy, or start anew.",
    },
    Definition {
        name: "STATE_FILE_MISMATCH",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "State file <path> was written by another query: <difference>.",
        advice: "Open it with the query that wrote it.",
    },
    Definition {
        name: "STATE_POISONED",
        domain: "internal",
        retryable: false,
        sql_state: None,
        message: "The query failed while it changed its state, which is not trusted any more.",
        advice: "The first failure is the one to look at; start the query again.",
    },
    Definition {
        name: "CHECKPOINT_CORRUPT",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "Checkpoint file <path> is damaged: <reason>.",
        advice: "Run `millrace checkpoint verify DIR` to see all that is damaged, and `millrace checkpoint repair DIR` to fall back to the newest batch that is whole.",
    },
    Definition {
        name: "CHECKPOINT_INCOMPLETE",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "Checkpoint <path> has a hole: <missing> is not there.",
        advice: "Restore the file from a copy; a batch that is missing in the middle cannot be made up for.",
    },
    Definition {
        name: "CHECKPOINT_NOT_FOUND",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "There is no checkpoint in <path>.",
        advice: "Name the folder that the query has as its checkpointLocation, and that was started at least once.",
    },
    Definition {
        name: "CHECKPOINT_SOURCES_CHANGED",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The sources of the query are not those of checkpoint <path>: <difference>. Cannot continue.",
        advice: "Sources are numbered from left to right in the plan. Their number and kinds may not change between starts, what is done with their rows may. Use a new checkpointLocation.",
    },
    Definition {
        name: "CHECKPOINT_LOCKED",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Checkpoint <path> is in use by process <pid> on <host>.",
        advice: "A checkpoint serves one running query. Stop the other one, or give this query a checkpointLocation of its own.",
    },
    Definition {
        name: "CHECKPOINT_FENCED",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "Checkpoint <path> was taken over by another start of the query (process <pid> on <host>).",
        advice: "This query has stopped so that it overwrites nothing; the other one goes on.",
    },
    Definition {
        name: "CHECKPOINT_POISONED",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "Checkpoint <path> takes no more writes after an earlier one failed: <reason>",
        advice: "Make room or mend the disk, and start the query again.",
    },
    Definition {
        name: "STATE_STORE_INVALID_CONFIG_AFTER_RESTART",
        domain: "user",
        retryable: false,
        sql_state: Some("42K06"),
        message: "Cannot change <configName> from <oldConfig> to <newConfig> between restarts. Please set <configName> to <oldConfig>, or restart with a new checkpoint directory.",
        advice: "The state was kept under the old setting and would mean something else under the new one.",
    },
    Definition {
        name: "STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE",
        domain: "user",
        retryable: false,
        sql_state: Some("XXKST"),
        message: "Provided key schema does not match existing state key schema. Please check number and type of fields. Existing key_schema=<storedKeySchema> and new key_schema=<newKeySchema>. Difference: <difference>.",
        advice: "Delay, output mode, window length, filters and selects may change between starts; grouping keys may not. Use a new checkpointLocation.",
    },
    Definition {
        name: "STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE",
        domain: "user",
        retryable: false,
        sql_state: Some("XXKST"),
        message: "Provided value schema does not match existing state value schema. Please check number and type of fields. Existing value_schema=<storedValueSchema> and new value_schema=<newValueSchema>. Difference: <difference>.",
        advice: "Delay, output mode, window length, filters and selects may change between starts; aggregates may not. Use a new checkpointLocation.",
    },
    Definition {
        name: "STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA",
        domain: "user",
        retryable: false,
        sql_state: Some("42K03"),
        message: "Streaming stateful operator name does not match with the operator in state metadata. This likely to happen when user adds/removes/changes stateful operator of existing streaming query. Stateful operators in the metadata: [<OpsInMetadataSeq>]; Stateful operators in current batch: [<OpsInCurBatchSeq>].",
        advice: "Use a new checkpointLocation for a query with other stateful operators.",
    },
    Definition {
        name: "BATCH_BORDER_INVALID",
        domain: "internal",
        retryable: false,
        sql_state: None,
        message: "A batch at the border is malformed: <reason>.",
        advice: "This is a bug in millrace; please report it with the plan.",
    },
    Definition {
        name: "QUERY_NOT_ACTIVE",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Query <name> is not active.",
        advice: "Start it again.",
    },
    Definition {
        name: "QUERY_ALREADY_ACTIVE",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Cannot start query with name <name> as a query with that name is already active.",
        advice: "Stop the other query or choose another name.",
    },
    Definition {
        name: "NATIVE_ADDON_MISSING",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "The native addon for <platform> could not be loaded: <reason>.",
        advice: "Reinstall with `npm install --include=optional millrace`; if package-lock.json was made on another platform, delete it and node_modules first (npm/cli#4828).",
    },
    Definition {
        name: "NATIVE_PANIC",
        domain: "internal",
        retryable: false,
        sql_state: None,
        message: "The native core panicked in <place>: <message>.",
        advice: "This is a bug in millrace; the query has failed, the process goes on. Please report it.",
    },
    Definition {
        name: "WORKER_LOST",
        domain: "internal",
        retryable: true,
        sql_state: None,
        message: "A worker of the pool ended while it had a task: <reason>.",
        advice: "The batch's outcome is unknown; start the query again.",
    },
    Definition {
        name: "INTERNAL_ERROR",
        domain: "internal",
        retryable: false,
        sql_state: Some("XX000"),
        message: "<message>",
        advice: "This is a bug in millrace; please report it.",
    },
    Definition {
        name: "INVALID_TIMEZONE",
        domain: "user",
        retryable: false,
        sql_state: Some("22009"),
        message: "The timezone: <timeZone> is invalid. The timezone must be either a region-based zone ID or a zone offset. Region IDs must have the form 'area/city', such as 'America/Los_Angeles'. Zone offsets must be in the format '(+|-)HH', '(+|-)HH:mm' or '(+|-)HH:mm:ss', e.g '-08', '+01:00' or '-13:33:33', and must be in the range from -18:00 to +18:00. 'Z' and 'UTC' are accepted as synonyms for '+00:00'.",
        advice: "Give a region such as Europe/Berlin or an offset such as +01:00.",
    },
    Definition {
        name: "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN",
        domain: "user",
        retryable: false,
        sql_state: Some("42K0B"),
        message: "You may get a different result due to the upgrading to Spark >= 3.0: All week-based patterns are unsupported since Spark 3.0, detected week-based character: <c>. Please use the SQL function EXTRACT instead.",
        advice: "Use extract() on the parsed timestamp.",
    },
    Definition {
        name: "INVALID_DATETIME_PATTERN.LENGTH",
        domain: "user",
        retryable: false,
        sql_state: Some("22007"),
        message: "Unrecognized datetime pattern: <pattern>. Too many letters in datetime pattern: <pattern>. Please reduce pattern length.",
        advice: "Narrow text forms are not supported.",
    },
    Definition {
        name: "INVALID_DATETIME_PATTERN.WITH_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("22007"),
        message: "Unrecognized datetime pattern: <pattern>. You can form a valid datetime pattern with the guide from Spark's page 'Datetime patterns'.",
        advice: "Quote literal letters with single quotes.",
    },
    Definition {
        name: "MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_JSON_ARRAYS_AS_STRUCTS",
        domain: "user",
        retryable: false,
        sql_state: Some("22023"),
        message: "Malformed records are detected in record parsing: <badRecord>. Parsing JSON arrays as structs is forbidden.",
        advice: "Use an array type, or set the option mode to PERMISSIVE.",
    },
    Definition {
        name: "MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_STRING_AS_DATATYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("22023"),
        message: "Malformed records are detected in record parsing: <badRecord>. Cannot parse the value <fieldValue> of the field <fieldName> as target spark data type <targetType> from the input type STRING.",
        advice: "Set the option mode to PERMISSIVE.",
    },
    Definition {
        name: "INVALID_CORRUPT_RECORD_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("42804"),
        message: "The column <columnName> for corrupt records must have the nullable STRING type, but got <actualType>.",
        advice: "Make it a STRING.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.INVALID_JSON_MAP_KEY_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve from_json due to data type mismatch: Input schema <schema> can only contain STRING as a key type for a MAP.",
        advice: "Use STRING keys.",
    },
    Definition {
        name: "INCONSISTENT_BEHAVIOR_CROSS_VERSION.PARSE_DATETIME_BY_NEW_PARSER",
        domain: "user",
        retryable: false,
        sql_state: Some("42K0B"),
        message: "You may get a different result due to the upgrading to Spark >= 3.0: Fail to parse <datetime> in the new parser. You can set <config> to \"CORRECTED\" and treat it as an invalid datetime string.",
        advice: "Set spark.sql.legacy.timeParserPolicy to CORRECTED.",
    },
    Definition {
        name: "INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("22015"),
        message: "Integer overflow while operating with intervals. Use <functionName> to tolerate overflow and return NULL instead.",
        advice: "try_sum() and try_avg() give null instead.",
    },
    Definition {
        name: "INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("22015"),
        message: "Integer overflow while operating with intervals. Try devising appropriate values for the interval parameters.",
        advice: "A day-time interval has 64 bits of microseconds, a year-month interval 32 bits of months.",
    },
    Definition {
        name: "INVALID_INTERVAL_FORMAT.UNSUPPORTED_FROM_TO_EXPRESSION",
        domain: "user",
        retryable: false,
        sql_state: Some("22006"),
        message: "Error parsing '<input>' to interval. Cannot support (interval '<input>' <from> to <to>) expression.",
        advice: "Name the longer field first: DAY TO SECOND, HOUR TO MINUTE, YEAR TO MONTH.",
    },
    Definition {
        name: "INVALID_TYPED_LITERAL",
        domain: "user",
        retryable: false,
        sql_state: Some("42604"),
        message: "The value of the typed literal <valueType> is invalid: <value>.",
        advice: "Write DATE'2026-01-31' or TIMESTAMP'2026-01-31 12:00:00'.",
    },
    Definition {
        name: "INVALID_FRACTION_OF_SECOND",
        domain: "user",
        retryable: false,
        sql_state: Some("22023"),
        message: "Valid range for seconds is [0, 60] (inclusive), but the provided value is <secAndMicros>. To avoid this error, use `try_make_timestamp`, which returns NULL on error. If you do not want to use the session default timestamp version of this function, use `try_make_timestamp_ntz` or `try_make_timestamp_ltz`.",
        advice: "Sixty seconds have no fraction.",
    },
    Definition {
        name: "DECIMAL_SCALE_EXCEEDS_PRECISION",
        domain: "user",
        retryable: false,
        sql_state: Some("22003"),
        message: "Decimal scale (<scale>) cannot be greater than precision (<precision>).",
        advice: "Give the decimal at least as many digits as its fraction has.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_1207",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The duration and time inputs to window must be an integer, long or string literal.",
        advice: "Write '10 minutes', or a number of microseconds.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_0029",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Cannot mix year-month and day-time fields: <literal>.",
        advice: "make_interval() makes an interval of both.",
    },
    Definition {
        name: "UNSUPPORTED_TIME_PRECISION",
        domain: "user",
        retryable: false,
        sql_state: Some("0A001"),
        message: "The seconds precision <precision> of the TIME data type is out of the supported range [0, 6].",
        advice: "TIME alone keeps microseconds.",
    },
    Definition {
        name: "GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE",
        domain: "user",
        retryable: false,
        sql_state: Some("42822"),
        message: "The expression <sqlExpr> cannot be used as a grouping expression because its data type <dataType> is not an orderable data type.",
        advice: "Group by what can be compared, such as the parts of an interval.",
    },
    Definition {
        name: "INTERVAL_DIVIDED_BY_ZERO",
        domain: "user",
        retryable: false,
        sql_state: Some("22012"),
        message: "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead.",
        advice: "try_divide() gives null instead.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_2000",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "<message>. If necessary set \"spark.sql.ansi.enabled\" to false to bypass this error.",
        advice: "Add the interval to a timestamp.",
    },
    Definition {
        name: "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("22003"),
        message: " <value> cannot be represented as Decimal(<precision>, <scale>). If necessary set <config> to \"false\" to bypass this error, and return NULL instead.",
        advice: "Cast to a decimal with more digits first.",
    },
    Definition {
        name: "TABLE_OR_VIEW_NOT_FOUND",
        domain: "user",
        retryable: false,
        sql_state: Some("42P01"),
        message: "The table or view <relationName> cannot be found. Verify the spelling and correctness of the schema and catalog.",
        advice: "Register a DataFrame with createOrReplaceTempView().",
    },
    Definition {
        name: "GROUP_BY_POS_AGGREGATE",
        domain: "user",
        retryable: false,
        sql_state: Some("42903"),
        message: "GROUP BY <index> refers to an expression <aggExpr> that contains an aggregate function. Aggregate functions are not allowed in GROUP BY.",
        advice: "Group by a column that is no aggregate.",
    },
    Definition {
        name: "GROUP_BY_POS_OUT_OF_RANGE",
        domain: "user",
        retryable: false,
        sql_state: Some("42805"),
        message: "GROUP BY position <index> is not in select list (valid range is [1, <size>]).",
        advice: "Positions count from 1.",
    },
    Definition {
        name: "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
        domain: "user",
        retryable: false,
        sql_state: Some("22003"),
        message: "Decimal precision <precision> exceeds max precision <maxPrecision>.",
        advice: "A decimal has at most 38 digits.",
    },
    Definition {
        name: "INVALID_NUMERIC_LITERAL_RANGE",
        domain: "user",
        retryable: false,
        sql_state: Some("22003"),
        message: "Numeric literal <rawStrippedQualifier> is outside the valid range for <typeName> with minimum value of <minValue> and maximum value of <maxValue>. Please adjust the value accordingly.",
        advice: "Use a wider type.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: The <functionName> does not support ordering on type <dataType>.",
        advice: "Maps have no order.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: The input of <functionName> can't be <dataType> type data.",
        advice: "Take the map's entries apart first.",
    },
    Definition {
        name: "UNSUPPORTED_TIME_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("0A000"),
        message: "The data type TIME is not supported.",
        advice: "Cast to a number or an interval first.",
    },
    Definition {
        name: "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH",
        domain: "user",
        retryable: false,
        sql_state: Some("42K0D"),
        message: "Invalid lambda function call. A higher order function expects <expectedNumArgs> arguments, but got <actualNumArgs>.",
        advice: "Give the lambda that many parameters.",
    },
    Definition {
        name: "INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION",
        domain: "user",
        retryable: false,
        sql_state: Some("42K0D"),
        message: "Invalid lambda function call. A lambda function should only be used in a higher order function. However, its class is <class>, which is not a higher order function.",
        advice: "Pass the lambda to a function such as transform() or filter().",
    },
    Definition {
        name: "COMPARATOR_RETURNS_NULL",
        domain: "user",
        retryable: false,
        sql_state: Some("22004"),
        message: "The comparator of <functionName> has returned a NULL. It should return a positive integer for \"greater than\", 0 for \"equal\" and a negative integer for \"less than\".",
        advice: "Handle nulls in the comparator, with coalesce() for example.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.MAP_ZIP_WITH_DIFF_TYPES",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: Input to the <functionName> should have been two maps with compatible key types, but it's [<leftType>, <rightType>].",
        advice: "Cast the keys of one map to the type of the other's.",
    },
    Definition {
        name: "MISSING_GROUP_BY",
        domain: "user",
        retryable: false,
        sql_state: Some("42803"),
        message: "The query does not include a GROUP BY clause. Add GROUP BY or turn it into the window functions using OVER clauses.",
        advice: "Group by the columns that stand beside the aggregate functions, or wrap them in first().",
    },
    Definition {
        name: "NESTED_AGGREGATE_FUNCTION",
        domain: "user",
        retryable: false,
        sql_state: Some("42607"),
        message: "It is not allowed to use an aggregate function in the argument of another aggregate function. Please use the inner aggregate function in a sub-query.",
        advice: "Aggregate twice: groupBy().agg() on the result of the first.",
    },
    Definition {
        name: "INVALID_WHERE_CONDITION",
        domain: "user",
        retryable: false,
        sql_state: Some("42903"),
        message: "The WHERE condition <condition> contains invalid expressions: <expressionList>. Rewrite the query to avoid window functions, aggregate functions, and generator functions in the WHERE clause.",
        advice: "Filter groups after the aggregation: HAVING in SQL, filter() after agg().",
    },
    Definition {
        name: "UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS",
        domain: "user",
        retryable: false,
        sql_state: Some("42K0E"),
        message: "The generator is not supported: nested in expressions <expression>.",
        advice: "Select the generator as a column of its own, and compute with that column in a further select().",
    },
    Definition {
        name: "UNSUPPORTED_GENERATOR.OUTSIDE_SELECT",
        domain: "user",
        retryable: false,
        sql_state: Some("42K0E"),
        message: "The generator is not supported: outside the SELECT clause, found: <plan>.",
        advice: "Select the generator as a column first.",
    },
    Definition {
        name: "UNSUPPORTED_GENERATOR.NOT_GENERATOR",
        domain: "user",
        retryable: false,
        sql_state: Some("42K0E"),
        message: "The generator is not supported: <functionName> is expected to be a generator. However, its class is <classCanonicalName>, which is not a generator.",
        advice: "LATERAL VIEW takes explode() and its like; compute other columns in the SELECT list.",
    },
    Definition {
        name: "UDTF_ALIAS_NUMBER_MISMATCH",
        domain: "user",
        retryable: false,
        sql_state: Some("42802"),
        message: "The number of aliases supplied in the AS clause does not match the number of columns output by the UDTF. Expected <aliasesSize> aliases, but got <aliasesNames>. Please ensure that the number of aliases provided matches the number of columns output by the UDTF.",
        advice: "Name each column that the generator makes.",
    },
    Definition {
        name: "MULTI_ALIAS_WITHOUT_GENERATOR",
        domain: "user",
        retryable: false,
        sql_state: Some("42K0E"),
        message: "Multi part aliasing (<names>) is not supported with <expr> as it is not a generator function.",
        advice: "Give it one name.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: The data type of the column (<columnIndex>) do not have the same type: <leftType> <> <rightType>.",
        advice: "Cast the values of the column to one type.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.NON_STRING_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: all arguments of the function <funcName> must be strings.",
        advice: "Cast the arguments to STRING.",
    },
    Definition {
        name: "UNSUPPORTED_GROUPING_EXPRESSION",
        domain: "user",
        retryable: false,
        sql_state: Some("42K0E"),
        message: "grouping()/grouping_id() can only be used with GroupingSets/Cube/Rollup.",
        advice: "Group with rollup(), cube() or GROUPING SETS.",
    },
    Definition {
        name: "GROUPING_COLUMN_MISMATCH",
        domain: "user",
        retryable: false,
        sql_state: Some("42803"),
        message: "Column of grouping (<grouping>) can't be found in grouping columns <groupingColumns>.",
        advice: "Ask grouping() of a column that rows are grouped by.",
    },
    Definition {
        name: "GROUPING_ID_COLUMN_MISMATCH",
        domain: "user",
        retryable: false,
        sql_state: Some("42803"),
        message: "Columns of grouping_id (<groupingIdColumn>) does not match grouping columns (<groupByColumns>).",
        advice: "Give grouping_id() all grouping columns in their order, or none.",
    },
    Definition {
        name: "UNEXPECTED_OPERATOR_LAMBDA",
        domain: "user",
        retryable: false,
        sql_state: Some("42K0D"),
        message: "Cannot resolve <sqlExpr>: a lambda is an argument of a higher-order function such as transform() or filter().",
        advice: "Pass it to such a function.",
    },
    Definition {
        name: "NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("22003"),
        message: " The <roundedValue> rounded half up from <originalValue> cannot be represented as Decimal(<precision>, <scale>).",
        advice: "Cast to a decimal with more digits.",
    },
    Definition {
        name: "BINARY_ARITHMETIC_OVERFLOW",
        domain: "user",
        retryable: false,
        sql_state: Some("22003"),
        message: "<value1> <symbol> <value2> caused overflow. Use `<functionName>` to ignore overflow problem and return NULL.",
        advice: "Cast to a wider type first.",
    },
    Definition {
        name: "REMAINDER_BY_ZERO",
        domain: "user",
        retryable: false,
        sql_state: Some("22012"),
        message: "Remainder by zero. Use `try_mod` to tolerate divisor being 0 and return NULL instead. If necessary set <config> to \"false\" to bypass this error.",
        advice: "Guard the divisor with when().",
    },
    Definition {
        name: "DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: cannot cast <srcType> to <targetType>. To convert values from <srcType> to <targetType>, you can use the functions <functionNames> instead.",
        advice: "Use the functions that the message names.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.CAST_WITH_CONF_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: cannot cast <srcType> to <targetType> with ANSI mode on. If you have to cast <srcType> to <targetType>, you can set <config> as <configVal>.",
        advice: "There is no such cast under ANSI.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.HASH_MAP_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: Input to the function `<functionName>` cannot contain elements of the \"MAP\" type. In Spark, same maps may have different hashcode, thus hash expressions are prohibited on \"MAP\" elements. To restore previous behavior set \"spark.sql.legacy.allowHashOnMapType\" to \"true\".",
        advice: "Hash the entries instead: map_entries().",
    },
    Definition {
        name: "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING",
        domain: "user",
        retryable: false,
        sql_state: Some("22006"),
        message: "Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You can reference the documentation for the correct format. Interval string does not match <intervalStr> format of <supportedFormat> when cast to <typeName>: <input>.",
        advice: "Write the interval as the message shows.",
    },
    Definition {
        name: "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING_WITH_NOTICE",
        domain: "user",
        retryable: false,
        sql_state: Some("22006"),
        message: "Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You can reference the documentation for the correct format. Interval string does not match <intervalStr> format of <supportedFormat> when cast to <typeName>: <input>. Set \"spark.sql.legacy.fromDayTimeString.enabled\" to \"true\" to restore the behavior before Spark 3.0.",
        advice: "Write the interval as the message shows.",
    },
    Definition {
        name: "INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE",
        domain: "user",
        retryable: false,
        sql_state: Some("22023"),
        message: "The value of parameter(s) `pos` in `<functionName>` is invalid: expects an integer value in [0, <upper>), but got <invalidValue>.",
        advice: "Positions count from 0 at the lowest bit.",
    },
    Definition {
        name: "USER_RAISED_EXCEPTION",
        domain: "user",
        retryable: false,
        sql_state: Some("P0001"),
        message: "<errorMessage>",
        advice: "The query raised this itself.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: Input schema <schema> must be a struct, an array, a map or a variant.",
        advice: "Give from_json a struct, an array or a map.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.NULL_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: Null typed values cannot be used as arguments of <functionName>.",
        advice: "Cast the null to a type.",
    },
    Definition {
        name: "DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "Cannot resolve <sqlExpr> due to data type mismatch: Input to <functionName> should have been <dataType> followed by a value with same element type, but it's [<leftType>, <rightType>].",
        advice: "Cast one of the two.",
    },
    Definition {
        name: "PARSE_EMPTY_STATEMENT",
        domain: "user",
        retryable: false,
        sql_state: Some("42617"),
        message: "Syntax error, unexpected empty statement.",
        advice: "Write something.",
    },
    Definition {
        name: "UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING",
        domain: "user",
        retryable: false,
        sql_state: Some("0A000"),
        message: "The char/varchar type can't be used in the table schema.",
        advice: "Use STRING.",
    },
    Definition {
        name: "DATETIME_OVERFLOW",
        domain: "user",
        retryable: false,
        sql_state: Some("22008"),
        message: "Datetime operation overflow: <operation>.",
        advice: "Times lie between the years -290307 and 294247.",
    },
    Definition {
        name: "INVALID_EXTRACT_FIELD",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "Cannot extract <field> from <expr>.",
        advice: "Name a field such as YEAR.",
    },
    Definition {
        name: "ILLEGAL_DAY_OF_WEEK",
        domain: "user",
        retryable: false,
        sql_state: Some("22009"),
        message: "Illegal input for day of week: <string>.",
        advice: "Name a day such as MON or Monday.",
    },
    Definition {
        name: "DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("22023"),
        message: "<rangeMessage>. ",
        advice: "Give numbers that a date or time can have.",
    },
    Definition {
        name: "CONVERSION_INVALID_INPUT",
        domain: "user",
        retryable: false,
        sql_state: Some("22018"),
        message: "The value <str> (<fmt>) cannot be converted to <targetType> because it is malformed. Correct the value as per the syntax, or change its format. Use <suggestion> to tolerate malformed input and return NULL instead.",
        advice: "Correct the value.",
    },
    Definition {
        name: "INVALID_INDEX_OF_ZERO",
        domain: "user",
        retryable: false,
        sql_state: Some("22003"),
        message: "The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index 1).",
        advice: "Count from 1.",
    },
    Definition {
        name: "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX",
        domain: "user",
        retryable: false,
        sql_state: Some("22023"),
        message: "The value of parameter(s) `idx` in <functionName> is invalid: Expects group index between 0 and <groupCount>, but got <groupIndex>.",
        advice: "Name a group that the pattern has.",
    },
    Definition {
        name: "INVALID_PARAMETER_VALUE.PATTERN",
        domain: "user",
        retryable: false,
        sql_state: Some("22023"),
        message: "The value of parameter(s) <parameter> in <functionName> is invalid: <value>.",
        advice: "Correct the pattern.",
    },
    Definition {
        name: "INVALID_PARAMETER_VALUE.CHARSET",
        domain: "user",
        retryable: false,
        sql_state: Some("22023"),
        message: "The value of parameter(s) `charset` in <functionName> is invalid: expects one of the <charsets>, but got <charset>.",
        advice: "Use UTF-8.",
    },
    Definition {
        name: "INVALID_PARAMETER_VALUE.START",
        domain: "user",
        retryable: false,
        sql_state: Some("22023"),
        message: "The value of parameter(s) `start` in <functionName> is invalid: Expects a positive or a negative value for `start`, but got 0.",
        advice: "Count from 1.",
    },
    Definition {
        name: "INVALID_PARAMETER_VALUE.LENGTH",
        domain: "user",
        retryable: false,
        sql_state: Some("22023"),
        message: "The value of parameter(s) `length` in <functionName> is invalid: Expects `length` greater than or equal to 0, but got <length>.",
        advice: "Give a length of 0 or more.",
    },
    Definition {
        name: "INVALID_REGEXP_REPLACE",
        domain: "user",
        retryable: false,
        sql_state: Some("22023"),
        message: "Could not perform regexp_replace for source = <source>, pattern = <pattern>, replacement = <replacement> and position = <position>.",
        advice: "Correct the replacement.",
    },
    Definition {
        name: "FORMAT_STRING_INVALID",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The format string <format> cannot be used: <reason>.",
        advice: "Write the format as java.util.Formatter takes it.",
    },
    Definition {
        name: "INVALID_FORMAT.EMPTY",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "The format is invalid: <format>. The number format string cannot be empty.",
        advice: "See the grammar of number formats: digits 0 and 9, the marks . D , G, the signs S MI PR and $.",
    },
    Definition {
        name: "INVALID_FORMAT.WRONG_NUM_DIGIT",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "The format is invalid: <format>. The format string requires at least one number digit.",
        advice: "See the grammar of number formats: digits 0 and 9, the marks . D , G, the signs S MI PR and $.",
    },
    Definition {
        name: "INVALID_FORMAT.CUR_MUST_BEFORE_DIGIT",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "The format is invalid: <format>. Currency characters must appear before digits in the number format.",
        advice: "See the grammar of number formats: digits 0 and 9, the marks . D , G, the signs S MI PR and $.",
    },
    Definition {
        name: "INVALID_FORMAT.CUR_MUST_BEFORE_DEC",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "The format is invalid: <format>. Currency characters must appear before any decimal point in the number format.",
        advice: "See the grammar of number formats: digits 0 and 9, the marks . D , G, the signs S MI PR and $.",
    },
    Definition {
        name: "INVALID_FORMAT.CONT_THOUSANDS_SEPS",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "The format is invalid: <format>. Thousands separators (, or G) must have digits in between them in the number format.",
        advice: "See the grammar of number formats: digits 0 and 9, the marks . D , G, the signs S MI PR and $.",
    },
    Definition {
        name: "INVALID_FORMAT.THOUSANDS_SEPS_MUST_BEFORE_DEC",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "The format is invalid: <format>. Thousands separators (, or G) may not appear after the decimal point in the number format.",
        advice: "See the grammar of number formats: digits 0 and 9, the marks . D , G, the signs S MI PR and $.",
    },
    Definition {
        name: "INVALID_FORMAT.WRONG_NUM_TOKEN",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "The format is invalid: <format>. At most one <token> is allowed in the number format.",
        advice: "See the grammar of number formats: digits 0 and 9, the marks . D , G, the signs S MI PR and $.",
    },
    Definition {
        name: "INVALID_FORMAT.UNEXPECTED_TOKEN",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "The format is invalid: <format>. Found the unexpected <token> in the format string; the structure of the format string must match: `[MI|S]` `[$]` `[0|9|G|,]*` `[.|D]` `[0|9]*` `[$]` `[PR|MI|S]`.",
        advice: "See the grammar of number formats: digits 0 and 9, the marks . D , G, the signs S MI PR and $.",
    },
    Definition {
        name: "INVALID_FORMAT.MISMATCH_INPUT",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "The format is invalid: <format>. The input <inputType> <input> does not match the format.",
        advice: "try_to_number() gives null instead.",
    },
    Definition {
        name: "INVALID_PARAMETER_VALUE.BINARY_FORMAT",
        domain: "user",
        retryable: false,
        sql_state: Some("22023"),
        message: "The value of parameter(s) <parameter> in <functionName> is invalid: expects one of binary formats 'base64', 'hex', 'utf-8', but got <invalidFormat>.",
        advice: "Give one of these formats.",
    },
    Definition {
        name: "COLLATION_INVALID_NAME",
        domain: "user",
        retryable: false,
        sql_state: Some("42704"),
        message: "The value <collationName> does not represent a correct collation name. Suggested valid collation names: [<proposals>].",
        advice: "Compare with UTF8_BINARY or UTF8_LCASE.",
    },
    Definition {
        name: "COLLATION_MISMATCH.EXPLICIT",
        domain: "user",
        retryable: false,
        sql_state: Some("42P21"),
        message: "Could not determine which collation to use for string functions and operators. Error occurred due to the mismatch between explicit collations: [<explicitTypes>]. Decide on a single explicit collation and remove others.",
        advice: "Give both sides the same collation.",
    },
    Definition {
        name: "UNSUPPORTED_COLLATION.FOR_FUNCTION",
        domain: "user",
        retryable: false,
        sql_state: Some("0A000"),
        message: "Collation <collationNames> is not supported for: function <functionName>.",
        advice: "millrace compares and searches by UTF8_LCASE and by _RTRIM, and keeps no collation in a column's type.",
    },
    Definition {
        name: "INVALID_FORMAT.ESC_IN_THE_MIDDLE",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "The format is invalid: <format>. The escape character is not allowed to precede <char>.",
        advice: "Escape only %, _ and the escape character.",
    },
    Definition {
        name: "INVALID_FORMAT.ESC_AT_THE_END",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "The format is invalid: <format>. The escape character is not allowed to end with.",
        advice: "Escape the escape character.",
    },
    Definition {
        name: "MALFORMED_CHARACTER_CODING",
        domain: "user",
        retryable: false,
        sql_state: Some("22000"),
        message: "Invalid value found when performing <function> with <charset>",
        advice: "Use a charset that has these characters.",
    },
    Definition {
        name: "INVALID_UTF8_STRING",
        domain: "user",
        retryable: false,
        sql_state: Some("22029"),
        message: "Invalid UTF8 byte sequence found in string: <str>.",
        advice: "Use try_validate_utf8 or make_valid_utf8.",
    },
    Definition {
        name: "INVALID_ARRAY_INDEX",
        domain: "user",
        retryable: false,
        sql_state: Some("22003"),
        message: "The index <indexValue> is out of bounds. The array has <arraySize> elements. Use the SQL function `get()` to tolerate accessing element at invalid index and return NULL instead.",
        advice: "Use get().",
    },
    Definition {
        name: "INVALID_ARRAY_INDEX_IN_ELEMENT_AT",
        domain: "user",
        retryable: false,
        sql_state: Some("22003"),
        message: "The index <indexValue> is out of bounds. The array has <arraySize> elements. Use `try_element_at` to tolerate accessing element at invalid index and return NULL instead.",
        advice: "Use try_element_at().",
    },
    Definition {
        name: "DUPLICATED_MAP_KEY",
        domain: "user",
        retryable: false,
        sql_state: Some("23505"),
        message: "Duplicate map key <key> was found, please check the input data. If you want to remove the duplicated keys, you can set <mapKeyDedupPolicy> to \"LAST_WIN\" so that the key inserted at last takes precedence.",
        advice: "Remove the duplicates.",
    },
    Definition {
        name: "NULL_MAP_KEY",
        domain: "user",
        retryable: false,
        sql_state: Some("2200E"),
        message: "Cannot use null as map key.",
        advice: "Filter nulls out.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_2128",
        domain: "user",
        retryable: false,
        sql_state: Some("XXKCM"),
        message: "The key array and value array of MapData must have the same length.",
        advice: "Give as many values as keys.",
    },
    Definition {
        name: "UNSUPPORTED_JOIN_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("0A000"),
        message: "Unsupported join type '<typ>'. Supported join types include: <supported>.",
        advice: "Name one of the join types listed.",
    },
    Definition {
        name: "UNRESOLVED_USING_COLUMN_FOR_JOIN",
        domain: "user",
        retryable: false,
        sql_state: Some("42703"),
        message: "USING column <colName> cannot be resolved on one side of the join. That side has the columns: [<suggestion>].",
        advice: "Join on columns that both sides have, or give a condition.",
    },
    Definition {
        name: "NUM_COLUMNS_MISMATCH",
        domain: "user",
        retryable: false,
        sql_state: Some("42826"),
        message: "<operator> can only be performed on inputs with the same number of columns, but the first input has <firstNumColumns> columns and the <invalidOrdinalNum> input has <invalidNumColumns> columns.",
        advice: "Select the same columns on both sides, or use unionByName with allowMissingColumns.",
    },
    Definition {
        name: "INCOMPATIBLE_COLUMN_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("42825"),
        message: "<operator> can only be performed on tables with compatible column types. The <columnOrdinalNumber> column of the <tableOrdinalNumber> table is <dataType1> type which is not compatible with <dataType2> at the same column of the first table.<hint>",
        advice: "Cast one of the columns.",
    },
    Definition {
        name: "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING",
        domain: "user",
        retryable: false,
        sql_state: Some("42KDE"),
        message: "Window function is not supported in <windowFunc> (as column <columnName>) on streaming DataFrames/Datasets.\nStructured Streaming only supports time-window aggregation using the WINDOW function. (window specification: <windowSpec>)",
        advice: "Group by window(time, ...) instead, or rank rows inside foreachBatch.",
    },
    Definition {
        name: "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "Window function <funcName> requires an OVER clause.",
        advice: "Say over which rows: rank().over(Window.partitionBy('key').orderBy('time')).",
    },
    Definition {
        name: "UNSUPPORTED_EXPR_FOR_WINDOW",
        domain: "user",
        retryable: false,
        sql_state: Some("42P20"),
        message: "Expression <sqlExpr> not supported within a window function.",
        advice: "Aggregates and functions such as rank, lag and row_number can stand before OVER.",
    },
    Definition {
        name: "DISTINCT_WINDOW_FUNCTION_UNSUPPORTED",
        domain: "user",
        retryable: false,
        sql_state: Some("0A000"),
        message: "Distinct window functions are not supported: <windowExpr>.",
        advice: "Take the distinct rows first, or use collect_set.",
    },
    Definition {
        name: "WINDOW_FUNCTION_AND_FRAME_MISMATCH",
        domain: "user",
        retryable: false,
        sql_state: Some("42K0E"),
        message: "<funcName> function can only be evaluated in an ordered row-based window frame with a single offset: <windowExpr>.",
        advice: "Give the window an order and leave out its frame.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_1034",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "It is not allowed to use window functions inside <clauseName> clause.",
        advice: "Compute the column first, then filter or group by it.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_1036",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Window Frame <wf> must match the required frame <required>.",
        advice: "Leave out the frame of the window.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_1037",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Window function <wf> requires window to be ordered, please add ORDER BY clause. For example SELECT <wf>(value_expr) OVER (PARTITION BY window_partition ORDER BY window_ordering) from table.",
        advice: "Add orderBy(...) to the window.",
    },
    Definition {
        name: "SOCKET_UNREACHABLE",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "The socket <host>:<port> cannot be read: <reason>.",
        advice: "Start what writes to it first, for example nc -lk 9999.",
    },
    Definition {
        name: "SOURCE_DATA_LOST",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "<source> no longer has what a batch needs: offsets behind <start> up to <end>.",
        advice: "A source in memory cannot be read again after a restart: use a new checkpoint, or Kafka or files.",
    },
    Definition {
        name: "MULTIPLE_EVENT_TIME_COLUMNS",
        domain: "user",
        retryable: false,
        sql_state: Some("42K09"),
        message: "More than one event time columns are available. Please ensure there is at most one event time column per stream. event time columns: (<eventTimeCols>)",
        advice: "Select the window or the time before the join, not both.",
    },
    Definition {
        name: "INVALID_INTERVAL_FORMAT.INPUT_IS_EMPTY",
        domain: "user",
        retryable: false,
        sql_state: Some("22006"),
        message: "Error parsing <input> to interval. Interval string cannot be empty.",
        advice: "Intervals read like '10 seconds' or '1 minute 30 seconds'.",
    },
    Definition {
        name: "INVALID_INTERVAL_FORMAT.UNRECOGNIZED_NUMBER",
        domain: "user",
        retryable: false,
        sql_state: Some("22006"),
        message: "Error parsing <input> to interval. Unrecognized number <number>.",
        advice: "Intervals read like '10 seconds' or '1 minute 30 seconds'.",
    },
    Definition {
        name: "INVALID_INTERVAL_FORMAT.INVALID_UNIT",
        domain: "user",
        retryable: false,
        sql_state: Some("22006"),
        message: "Error parsing <input> to interval. Invalid unit <unit>.",
        advice: "Units are whole words: seconds, minutes, hours, days, weeks.",
    },
    Definition {
        name: "INVALID_INTERVAL_FORMAT.MISSING_UNIT",
        domain: "user",
        retryable: false,
        sql_state: Some("22006"),
        message: "Error parsing <input> to interval. Expect a unit name after <word> but hit EOL.",
        advice: "Intervals read like '10 seconds' or '1 minute 30 seconds'.",
    },
    Definition {
        name: "CALL_ON_STREAMING_DATASET_UNSUPPORTED",
        domain: "user",
        retryable: false,
        sql_state: Some("42KDE"),
        message: "The method <methodName> can not be called on streaming Dataset/DataFrame.",
        advice: "Streams are written with writeStream.",
    },
    Definition {
        name: "STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE",
        domain: "user",
        retryable: false,
        sql_state: Some("42KDE"),
        message: "Invalid streaming output mode: <outputMode>. This output mode is not supported in Data Source <className>.",
        advice: "Files are only ever added to: use append.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_1298",
        domain: "user",
        retryable: false,
        sql_state: Some("XXKCM"),
        message: "checkpointLocation must be specified either through option(\"checkpointLocation\", ...) or SparkSession.conf.set(\"<config>\", ...).",
        advice: "Give the query a folder of its own: option('checkpointLocation', ...).",
    },
    Definition {
        name: "FAILED_FUNCTION_CALL",
        domain: "user",
        retryable: false,
        sql_state: Some("38000"),
        message: "Failed preparing of the function <funcName> for call. Please, double check function's arguments.",
        advice: "Its arguments are beyond what 64 bits of microseconds hold.",
    },
    Definition {
        name: "CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION",
        domain: "user",
        retryable: false,
        sql_state: Some("56038"),
        message: "The codec <codecName> is not available. Available codecs are <availableCodecs>.",
        advice: "Name one of the codecs listed.",
    },
    Definition {
        name: "PARTITION_COLUMN_NOT_FOUND_IN_SCHEMA",
        domain: "user",
        retryable: false,
        sql_state: Some("42000"),
        message: "Partition column <column> not found in schema <schema>. Please provide the existing column for partitioning.",
        advice: "Check the name against df.printSchema().",
    },
    Definition {
        name: "INVALID_PARTITION_COLUMN_DATA_TYPE",
        domain: "user",
        retryable: false,
        sql_state: Some("0A000"),
        message: "Cannot use <type> for partition column.",
        advice: "Partition by a column whose values can be names of folders.",
    },
    Definition {
        name: "ALL_PARTITION_COLUMNS_NOT_ALLOWED",
        domain: "user",
        retryable: false,
        sql_state: Some("KD005"),
        message: "Cannot use all columns for partition columns.",
        advice: "Leave a column for the files.",
    },
    Definition {
        name: "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE",
        domain: "user",
        retryable: false,
        sql_state: Some("0A000"),
        message: "The <format> datasource doesn't support the column <columnName> of the type <columnType>.",
        advice: "Cast the column, or choose another format.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_1290",
        domain: "user",
        retryable: false,
        sql_state: Some("XXKCM"),
        message: "Text data source supports only a single column, and you have <length> columns.",
        advice: "Select one text column, or use another format.",
    },
    Definition {
        name: "FILE_SINK_IN_USE",
        domain: "external",
        retryable: false,
        sql_state: None,
        message: "Another query writes to the folder <path>.",
        advice: "Give each query a folder of its own, or stop the other one first.",
    },
    Definition {
        name: "FILE_SINK_OF_ANOTHER_QUERY",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The files in <path> were written by the query <query>, whose batches have the same numbers as this one's: what this query wrote under a number that is taken would be passed over.",
        advice: "Start from that query's checkpoint, or write to another folder.",
    },
    Definition {
        name: "COLUMN_ALREADY_EXISTS",
        domain: "user",
        retryable: false,
        sql_state: Some("42711"),
        message: "The column <columnName> already exists. Choose another name or rename the existing column.",
        advice: "Name the columns with schema(...); names that differ in upper and lower case alone are the same.",
    },
    Definition {
        name: "CANNOT_MERGE_SCHEMAS",
        domain: "user",
        retryable: false,
        sql_state: Some("42KD9"),
        message: "Failed merging schemas:\nInitial schema:\n<left>\nSchema that cannot be merged with the initial schema:\n<right>.",
        advice: "Name the columns with schema(...): a column may be read as a wider type than a file has.",
    },
    Definition {
        name: "FILE_SINK_MERGES_FILES",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The sink of <path> merges small files: a stream that reads the folder would take a merged file for a new one, and read its rows again.",
        advice: "Read the folder as a batch (session.read), or write it without mergeSmallFiles.",
    },
    Definition {
        name: "TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR",
        domain: "user",
        retryable: false,
        sql_state: Some("39000"),
        message: "An error occurred in the user defined function <function> of the StatefulProcessor for key <key>. Reason: <reason>",
        advice: "The batch failed as a whole: the state is as it was before it. The error itself is the cause.",
    },
    Definition {
        name: "FLATMAPGROUPSWITHSTATE_USER_FUNCTION_ERROR",
        domain: "user",
        retryable: false,
        sql_state: Some("39000"),
        message: "An error occurred in the user provided function in flatMapGroupsWithState for key <key>. Reason: <reason>",
        advice: "The batch failed as a whole: the state is as it was before it. The error itself is the cause.",
    },
    Definition {
        name: "FAILED_EXECUTE_UDF",
        domain: "user",
        retryable: false,
        sql_state: Some("39000"),
        message: "User defined function (<functionName>: (<signature>) => <result>) failed due to: <reason>.",
        advice: "The batch failed as a whole: the state is as it was before it. The error itself is the cause.",
    },
    Definition {
        name: "ILLEGAL_STATE_STORE_VALUE.EMPTY_LIST_VALUE",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "Illegal value provided to the State Store: Cannot write empty list values to State Store for StateName <stateName>.",
        advice: "An empty list is clear().",
    },
    Definition {
        name: "ILLEGAL_STATE_STORE_VALUE.NULL_VALUE",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "Illegal value provided to the State Store: Cannot write null values to State Store for StateName <stateName>.",
        advice: "What holds nothing is clear() or removeKey().",
    },
    Definition {
        name: "STATEFUL_PROCESSOR_CANNOT_PERFORM_OPERATION_WITH_INVALID_TIME_MODE",
        domain: "user",
        retryable: false,
        sql_state: Some("42802"),
        message: "Failed to perform stateful processor operation=<operationType> with invalid timeMode=<timeMode>.",
        advice: "Timers need timeMode: 'eventTime' or 'processingTime'.",
    },
    Definition {
        name: "STATEFUL_PROCESSOR_INCORRECT_TIME_MODE_TO_ASSIGN_TTL",
        domain: "user",
        retryable: false,
        sql_state: Some("42802"),
        message: "Cannot use TTL for state=<stateName> in timeMode=<timeMode>, use TimeMode.ProcessingTime() instead.",
        advice: "A time to live goes by the clock: timeMode: 'processingTime'.",
    },
    Definition {
        name: "STATEFUL_PROCESSOR_TTL_DURATION_MUST_BE_POSITIVE",
        domain: "user",
        retryable: false,
        sql_state: Some("42802"),
        message: "TTL duration must be greater than zero for State store operation=<operationType> on state=<stateName>.",
        advice: "A ttl is interval text such as '1 hour', or milliseconds.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_2203",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Cannot set timeout duration without enabling processing time timeout in [map|flatMap]GroupsWithState.",
        advice: "Give timeout: 'processingTime'.",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_2204",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Cannot get event time watermark timestamp without setting watermark before [map|flatMap]GroupsWithState.",
        advice: "Call withWatermark() before groupByKey().",
    },
    Definition {
        name: "_LEGACY_ERROR_TEMP_2205",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "Cannot set timeout timestamp without enabling event time timeout in [map|flatMap]GroupsWithState.",
        advice: "Give timeout: 'eventTime'.",
    },
    Definition {
        name: "MODULE_NOT_LOADED",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The module <module> cannot be loaded: <reason>",
        advice: "Give it as new URL('./functions.js', import.meta.url), in JavaScript or, under the millrace command, TypeScript.",
    },
    Definition {
        name: "FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH",
        domain: "user",
        retryable: false,
        sql_state: Some("KD001"),
        message: "Encountered error while reading file <path>. Data type mismatches when reading Parquet column <column>. Expected Spark type <expectedType>, actual Parquet type <actualType>.",
        advice: "Give the reader a schema that holds what is in the file.",
    },
    Definition {
        name: "PATH_ALREADY_EXISTS",
        domain: "user",
        retryable: false,
        sql_state: Some("42K04"),
        message: "Path <outputPath> already exists. Set mode as \"overwrite\" to overwrite the existing path.",
        advice: "Write to another folder, or choose mode append or overwrite.",
    },
    Definition {
        name: "INVALID_SAVE_MODE",
        domain: "user",
        retryable: false,
        sql_state: Some("42000"),
        message: "The specified save mode <mode> is invalid. Valid save modes include \"append\", \"overwrite\", \"ignore\", \"error\", \"errorifexists\", and \"default\".",
        advice: "Use one of the modes listed.",
    },
    Definition {
        name: "KEY_FUNCTION_FAILED",
        domain: "user",
        retryable: false,
        sql_state: None,
        message: "The function of groupByKey failed. Reason: <reason>",
        advice: "The batch failed as a whole: the state is as it was before it. The error itself is the cause.",
    },
    Definition {
        name: "STDS_COMMITTED_BATCH_UNAVAILABLE",
        domain: "user",
        retryable: false,
        sql_state: Some("KD006"),
        message: "No committed batch found, checkpoint location: <checkpointLocation>. Ensure that the query has run and committed any microbatch before stopping.",
        advice: "Batches are kept for as long as spark.sql.streaming.minBatchesToRetain says.",
    },
    Definition {
        name: "STDS_INVALID_OPTION_VALUE.IS_NEGATIVE",
        domain: "user",
        retryable: false,
        sql_state: Some("42616"),
        message: "Invalid value for source option '<optionName>': cannot be negative.",
        advice: "Batches and operators are numbered from 0.",
    },
    Definition {
        name: "STDS_INVALID_OPTION_VALUE.WITH_MESSAGE",
        domain: "user",
        retryable: false,
        sql_state: Some("42616"),
        message: "Invalid value for source option '<optionName>': <message>",
        advice: "The source state-metadata lists the operators, their stores and the batches that can be read.",
    },
    Definition {
        name: "STDS_CONFLICT_OPTIONS",
        domain: "user",
        retryable: false,
        sql_state: Some("42613"),
        message: "The options <options> cannot be specified together. Please specify the one.",
        advice: "Leave one of them out.",
    },
    Definition {
        name: "STDS_REQUIRED_OPTION_UNSPECIFIED",
        domain: "user",
        retryable: false,
        sql_state: Some("42601"),
        message: "'<optionName>' must be specified.",
        advice: "Give the option, or leave out the one that needs it.",
    },
    Definition {
        name: "STDS_FAILED_TO_READ_STATE_SCHEMA",
        domain: "user",
        retryable: false,
        sql_state: Some("42K03"),
        message: "Failed to read the state schema. Either the file does not exist, or the file is corrupted. options: <sourceOptions>.\nRerun the streaming query to construct the state schema, and report to the corresponding communities or vendors if the error persists.",
        advice: "The source state-metadata lists the operators and their stores; a join is read by joinSide or storeName.",
    },
    Definition {
        name: "CANNOT_LOAD_STATE_STORE.SNAPSHOT_PARTITION_ID_NOT_FOUND",
        domain: "user",
        retryable: false,
        sql_state: Some("58030"),
        message: "An error occurred during loading state. Partition id <snapshotPartitionId> not found for state of operator <operatorId> at <checkpointLocation>.",
        advice: "The source state-metadata says how many partitions an operator has.",
    },
    Definition {
        name: "CANNOT_LOAD_STATE_STORE.CANNOT_READ_MISSING_SNAPSHOT_FILE",
        domain: "user",
        retryable: false,
        sql_state: Some("58030"),
        message: "An error occurred during loading state. Error reading snapshot file of <fileToRead> of <clazz> does not exist.",
        advice: "Leave out snapshotStartBatchId and snapshotPartitionId: the state is then read from whatever snapshot there is.",
    },
    Definition {
        name: "STDS_INVALID_OPTION_VALUE.IS_EMPTY",
        domain: "user",
        retryable: false,
        sql_state: Some("42616"),
        message: "Invalid value for source option '<optionName>': cannot be empty.",
        advice: "Give the option a value, or leave it out.",
    },
];
