// The functions that vectors of real Spark name, under SQL's names: `npm run conformance -- ... --record` finds them.

/** Forms of SQL that are called like functions; the typed API has them as methods of Column. */
export const METHODS: Readonly<Record<string, string>> = { cast: 'cast', try_cast: 'tryCast' };

/** Named by vectors, and not there yet; docs/guide/missing.md has the counts. */
export const NOT_THERE: readonly string[] = words(`
  collation make_dt_interval make_interval randstr rank sentences to_char to_number try_to_number
`);

/** All of them. */
export const VECTOR_FUNCTIONS: readonly string[] = words(`
  abs acos acosh add_months aggregate any any_value approx_count_distinct array array_agg array_append array_compact array_contains
  array_distinct array_except array_insert array_intersect array_join array_max array_min array_position array_prepend array_remove
  array_repeat array_size array_sort array_union arrays_overlap arrays_zip ascii asin asinh assert_true atan atan2 atanh avg base64
  between bin bit_and bit_count bit_length bit_or bit_xor bool_and bool_or bround btrim cardinality cast cbrt ceil ceiling char
  char_length chr coalesce collation collect_list collect_set concat concat_ws contains conv convert_timezone corr cos cosh cot count
  count_if count_min_sketch covar_pop covar_samp crc32 csc date_add date_format date_from_unix_date date_part date_sub date_trunc datediff
  day dayname dayofmonth dayofweek dayofyear decode degrees div element_at elt encode endswith equal_null every exists exp explode
  explode_outer expm1 extract factorial filter find_in_set first first_value floor forall format_number format_string from_json
  from_unixtime from_utc_timestamp get get_json_object getbit greatest grouping grouping_id hash hex histogram_numeric hour hypot if
  ifnull ilike initcap inline instr is_valid_utf8 isnan isnotnull isnull json_array_length json_object_keys json_tuple kurtosis last
  last_day least left length levenshtein like listagg ln locate log log10 log1p log2 lower lpad ltrim luhn_check make_date
  make_dt_interval make_interval make_timestamp make_timestamp_ntz make_valid_utf8 map map_concat map_contains_key map_entries map_filter
  map_from_arrays map_from_entries map_keys map_values mask max max_by md5 mean median min min_by minute mode month monthname
  months_between named_struct nanvl negative next_day nullif nullifzero nvl nvl2 octet_length overlay percentile percentile_approx
  percentile_cont percentile_disc pmod posexplode posexplode_outer position pow quarter quote radians raise_error randstr rank
  regexp_count regexp_extract regexp_extract_all regexp_instr regexp_replace regexp_substr regr_avgx regr_count regr_r2 regr_slope repeat
  replace reverse right rint rlike round rpad rtrim schema_of_json sec second sentences sequence session_window sha1 sha2 shiftleft
  shiftright shiftrightunsigned sign sin sinh size skewness slice some sort_array soundex space split split_part sqrt stack startswith
  stddev stddev_pop stddev_samp str_to_map struct substr substring substring_index sum tan tanh timestamp_micros timestamp_millis
  timestamp_seconds timestampadd timestampdiff to_binary to_char to_date to_json to_number to_timestamp to_timestamp_ltz to_timestamp_ntz
  to_unix_timestamp to_utc_timestamp transform transform_values translate trim trunc try_add try_avg try_cast try_divide try_element_at
  try_make_timestamp try_mod try_multiply try_subtract try_sum try_to_date try_to_number try_to_timestamp try_validate_utf8 typeof
  unbase64 unhex unix_date unix_micros unix_millis unix_seconds unix_timestamp upper url_decode url_encode validate_utf8 var_pop var_samp
  variance weekday weekofyear when width_bucket window window_time xxhash64 year zeroifnull
`);

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
