package garage.admin.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests about which node stores what. */
public sealed interface LayoutRequest<R extends AdminResponse> extends AdminRequest<R> {
  /** The current version and the staged changes. */
  record GetClusterLayout() implements LayoutRequest<LayoutResponse.Layout> {}

  /** The versions there are and were. */
  record GetClusterLayoutHistory() implements LayoutRequest<LayoutResponse.History> {}

  /** Stages changes; nothing moves until they are applied. */
  record UpdateClusterLayout(
      @Nullable List<RoleChange> roles, @Nullable LayoutParameters parameters)
      implements LayoutRequest<LayoutResponse.Layout> {}

  /** What applying the staged changes would give. */
  record PreviewClusterLayoutChanges() implements LayoutRequest<LayoutResponse.Preview> {}

  /** Makes the staged changes the next version, which must be {@code version}. */
  record ApplyClusterLayout(long version) implements LayoutRequest<LayoutResponse.Applied> {}

  /** Drops the staged changes. */
  record RevertClusterLayout() implements LayoutRequest<LayoutResponse.Layout> {}
}
