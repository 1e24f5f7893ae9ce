package garage.admin;

import garage.admin.api.AdminError;
import garage.admin.api.AdminFailure;
import garage.admin.api.RepairType;
import java.util.Map;

/** What an operator may have looked for and mended on this node. */
public final class Repairs {
  private final Map<RepairType, Runnable> offered;

  /** {@code offered} begins each kind there is, and returns at once. */
  public Repairs(Map<RepairType, Runnable> offered) {
    this.offered = Map.copyOf(offered);
  }

  void launch(RepairType type) {
    Runnable repair = offered.get(type);
    if (type instanceof RepairType.Aliases) {
      throw new AdminFailure(
          AdminError.notImplemented(
              "names of buckets are changed by one atomic step here, and brought together by"
                  + " `repair tables`: there is nothing else to repair about them"));
    }
    if (repair == null) {
      throw new AdminFailure(AdminError.notImplemented("this version has no repair of this kind"));
    }
    repair.run();
  }
}
