package garage.benchmarks.load;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A request before it is signed.
 *
 * @param path encoded as S3 signs it
 * @param query encoded likewise, its parameters sorted, each with an equals sign; may be empty
 * @param fields signed besides those every request has, in the order of their names
 */
record Request(String method, String path, String query, List<Signer.Field> fields) {
  static Request of(String method, String path) {
    return new Request(method, path, "", List.of());
  }

  Request withQuery(String newQuery) {
    return new Request(method, path, newQuery, fields);
  }

  Request with(String name, String value) {
    return new Request(
        method,
        path,
        query,
        Stream.concat(fields.stream(), Stream.of(new Signer.Field(name, value)))
            .sorted(Comparator.comparing(Signer.Field::name))
            .toList());
  }

  @Override
  public String toString() {
    return method + " " + path + (query.isEmpty() ? "" : "?" + query);
  }
}
