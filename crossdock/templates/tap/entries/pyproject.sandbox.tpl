@name@ = "sandbox.@name@:@Class@Vendor"
