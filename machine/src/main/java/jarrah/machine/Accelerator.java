package jarrah.machine;

/**
 * What runs the guests' code.
 *
 * @param kvm whether the host's processor does it; else QEMU translates (TCG)
 * @param reason why it is not KVM, for people to read; empty with KVM
 */
public record Accelerator(boolean kvm, String reason) {
    public static final Accelerator KVM = new Accelerator(true, "");

    public static Accelerator tcg(String reason) {
        return new Accelerator(false, reason);
    }

    @Override
    public String toString() {
        return kvm ? "kvm" : "tcg: " + reason;
    }
}
